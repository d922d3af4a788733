/**
 * Looks are how characters appear and where they lead: their format and the address of their link.
 * Dressed text is text with the look of each character, as a block has it or an answer asks for it.
 */
import type { Block } from '#shared/document/blocks.ts'
import { safeUrl } from '#shared/document/links.ts'
import { FORMAT } from '#shared/document/shape.ts'

export interface Look {
  /** Bits of FORMAT. */
  readonly format: number
  readonly url: string | undefined
}

/** `looks` has one entry a UTF-16 unit of `text`. */
export interface Dressed {
  readonly text: string
  readonly looks: readonly Look[]
}

export const PLAIN: Look = { format: 0, url: undefined }

/** The formats that markdown can say; others (underline, highlight …) no answer can ask for. */
export const SPOKEN = FORMAT.bold | FORMAT.italic | FORMAT.strikethrough | FORMAT.code

export const dressedIn = (text: string, look: Look = PLAIN): Dressed => ({
  text,
  looks: Array.from({ length: text.length }, () => look),
})

/** The characters of a block; a line break is `\n` and plain. */
export function dressedBlock(block: Block): Dressed {
  return joined(
    block.inlines.map((inline) =>
      inline.kind === 'break'
        ? dressedIn('\n')
        : dressedIn(inline.text, { format: inline.format, url: inline.url }),
    ),
  )
}

export const joined = (parts: readonly Dressed[]): Dressed => ({
  text: parts.map(({ text }) => text).join(''),
  looks: parts.flatMap(({ looks }) => looks),
})

export const sliced = ({ text, looks }: Dressed, from: number, to?: number): Dressed => ({
  text: text.slice(from, to),
  looks: looks.slice(from, to),
})

export const sameLook = (a: Look, b: Look): boolean => a.format === b.format && a.url === b.url

export const isPlain = ({ looks }: Dressed): boolean => looks.every((one) => sameLook(one, PLAIN))

/** Stretches of one look, in order. */
export function* stretches({ text, looks }: Dressed): Generator<{ text: string; look: Look }> {
  let from = 0
  for (let at = 1; at <= text.length; at++) {
    if (at < text.length && sameLook(looks[at]!, looks[from]!)) continue
    yield { text: text.slice(from, at), look: looks[from]! }
    from = at
  }
}

/** An address as two are compared: a capital or an escape more makes no other link of it. */
export function urlKey(url: string): string {
  const safe = safeUrl(url)
  if (safe === undefined) return url
  const { href } = new URL(safe)
  try {
    return decodeURIComponent(href)
  } catch {
    return href
  }
}
