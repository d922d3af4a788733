/**
 * Makes blocks of a document, as one of three views: `without` its pending suggestions (as if
 * each were rejected), with them `accepted`, or `inline` with both and flags. The one way in
 * which export, prompts and the outline read a document.
 */
import {
  ContentFormat,
  ContentString,
  ContentType,
  type Doc,
  type Item,
  XmlElement,
  XmlText,
} from 'yjs'
import type { ContentView } from '#shared/protocol/api.ts'
import { appendText, type Block, type Inline } from './blocks.ts'
import {
  body,
  DEFAULTS,
  FLAG,
  type Flag,
  INLINE_TYPES,
  noteOf,
  PROPERTIES,
  parseFlag,
} from './shape.ts'

/**
 * Which pending chunks an item belongs to: as proposed text (`ins`), as struck text (`del`). A stale
 * chunk's text is there, and no outcome has it. Where the answer holds for following clocks too,
 * `until` is the first one that it leaves out.
 */
export type Owns = (client: number, clock: number) => Pending & { until?: number }

interface Pending {
  ins?: string | undefined
  del?: string | undefined
  /** Of `ins`. */
  stale?: boolean | undefined
}

/** The blocks of a view. What is provisional is decided by `owns`, or else by the flags shown. */
export function readBlocks(doc: Doc, view: ContentView, owns?: Owns): Block[] {
  const reader = new Reader(doc, view, owns)
  for (const child of children(body(doc))) reader.block(child)
  return reader.blocks
}

/** The line of one block as a view has it, without the lists in it. */
export function readLine(
  doc: Doc,
  block: XmlElement,
  { view, owns }: { view: ContentView; owns?: Owns | undefined },
): Inline[] {
  return new Reader(doc, view, owns).line(block)
}

class Reader {
  readonly blocks: Block[] = []
  readonly #doc: Doc
  readonly #view: ContentView
  readonly #owns: Owns | undefined

  constructor(doc: Doc, view: ContentView, owns: Owns | undefined) {
    this.#doc = doc
    this.#view = view
    this.#owns = owns
  }

  line(block: XmlElement): Inline[] {
    const inlines: Inline[] = []
    this.#inlinesOf(block, inlines, [])
    return inlines
  }

  block(type: XmlElement | XmlText): void {
    if (type instanceof XmlElement && type.nodeName === 'list') return this.#list(type, 0)
    const pending = type instanceof XmlElement ? this.#pendingElement(type) : {}
    const inlines: Inline[] = []
    if (type instanceof XmlText || INLINE_TYPES.has(type.nodeName)) this.#inline(type, inlines)
    else this.#inlinesOf(type, inlines)
    if (this.#vanishes(pending, inlines)) return
    this.blocks.push({ ...this.#base(type, pending), ...shapeOf(type), inlines })
  }

  #list(list: XmlElement, level: number): void {
    const kind = attribute(list, '__listType') ?? DEFAULTS.listType
    const start = attribute(list, '__start')
    let index = 0
    for (const item of children(list)) {
      if (item instanceof XmlText) continue
      const pending = this.#pendingElement(item)
      const inlines: Inline[] = []
      const nested: XmlElement[] = []
      this.#inlinesOf(item, inlines, nested)
      // Lexical wraps an indented list in an item that has nothing of its own.
      const wrapper = nested.length > 0 && inlines.length === 0
      if (!wrapper && !this.#vanishes(pending, inlines)) {
        this.blocks.push({
          ...this.#base(item, pending),
          type: 'listitem',
          level,
          list: kind === 'bullet' || kind === 'check' ? kind : 'number',
          ...(kind === 'check' && { checked: attribute(item, '__checked') === true }),
          start: typeof start === 'number' ? start : 1,
          index: index++,
          inlines,
        })
      }
      for (const inner of nested) this.#list(inner, level + 1)
    }
  }

  #base(type: XmlElement | XmlText, pending: Pending): Pick<Block, 'id' | 'flag'> {
    const id = type._item?.id
    const flag = this.#view === 'inline' ? flagOf(pending) : undefined
    return { id: id ? `${id.client}-${id.clock}` : '', ...(flag && { flag }) }
  }

  /** A block goes with its suggestion only where nothing else is left in it. */
  #vanishes(pending: Pending, inlines: readonly Inline[]): boolean {
    return !this.#shows(pending) && inlines.length === 0
  }

  #shows({ ins, del, stale }: Pending): boolean {
    if (this.#view === 'inline') return true
    if (this.#view === 'without') return ins === undefined
    return del === undefined && !(ins !== undefined && stale)
  }

  /**
   * The children of a line. A break that is to go stays where two texts would touch without it, as
   * it stays in the document (settle.ts), unless a link between them keeps them apart.
   */
  #inlinesOf(element: XmlElement, into: Inline[], nested?: XmlElement[]): void {
    let behindText = false
    let gap: 'nothing' | 'break' | 'link' = 'nothing'
    for (const child of children(element)) {
      if (child instanceof XmlElement && child.nodeName === 'list' && nested) {
        nested.push(child)
        behindText = false
        continue
      }
      const inlines: Inline[] = []
      this.#inline(child, inlines, undefined, into.length > 0)
      if (child instanceof XmlText && inlines.length > 0) {
        if (behindText && gap === 'break') into.push({ kind: 'break' })
        behindText = true
        gap = 'nothing'
      } else if (inlines.length > 0) {
        behindText = false
      } else if (child instanceof XmlElement) {
        const isBreak: boolean = child.nodeName === 'linebreak' && gap !== 'link'
        gap = isBreak ? 'break' : 'link'
      }
      for (const inline of inlines) {
        if (inline.kind === 'break') into.push(inline)
        else appendText(into, inline)
      }
    }
  }

  #inline(type: XmlElement | XmlText, into: Inline[], url?: string, isBehind = false): void {
    if (type instanceof XmlText) return this.#text(type, into, url)
    if (type.nodeName === 'linebreak') {
      const pending = this.#pendingElement(type)
      const flag = this.#view === 'inline' ? flagOf(pending) : undefined
      if (this.#shows(pending)) into.push({ kind: 'break', ...(flag && { flag }) })
      return
    }
    const link = type.nodeName === 'link' ? attribute(type, '__url') : undefined
    // Blocks inside a line come of pasting and merging: their text stays, each on its own line.
    const isBehindText = isBehind || into.length > 0
    if (!INLINE_TYPES.has(type.nodeName) && isBehindText) into.push({ kind: 'break' })
    for (const child of children(type)) {
      this.#inline(child, into, typeof link === 'string' ? link : url, isBehindText)
    }
  }

  #text(text: XmlText, into: Inline[], url: string | undefined): void {
    const formats: Record<string, unknown> = {}
    for (let item = text._start; item !== null; item = item.right) {
      if (item.deleted) continue
      if (item.content instanceof ContentFormat) {
        const { key, value } = item.content as { key: string; value: unknown }
        formats[key] = value
      } else if (item.content instanceof ContentString) {
        this.#characters(item, item.content.str, formats, into, url)
      }
    }
  }

  #characters(
    item: Item,
    text: string,
    formats: Readonly<Record<string, unknown>>,
    into: Inline[],
    url: string | undefined,
  ): void {
    const { client, clock } = item.id
    const format = formatOf(formats[PROPERTIES])
    for (let from = 0; from < text.length; ) {
      const { pending, to } = this.#pendingText(client, clock, from, text.length, formats)
      if (this.#shows(pending)) {
        const flag = this.#view === 'inline' ? flagOf(pending) : undefined
        appendText(into, {
          kind: 'text',
          text: text.slice(from, to),
          format,
          ...(url !== undefined && { url }),
          ...(flag && { flag }),
          spans: [{ client, clock: clock + from, length: to - from }],
        })
      }
      from = to
    }
  }

  #pendingText(
    client: number,
    clock: number,
    from: number,
    length: number,
    formats: Readonly<Record<string, unknown>>,
  ): { pending: Pending; to: number } {
    if (!this.#owns) return { pending: this.#pendingOf(formats[FLAG]), to: length }
    const pending = this.#owns(client, clock + from)
    let to = from
    let next: ReturnType<Owns> = pending
    while (to < length && next.ins === pending.ins && next.del === pending.del) {
      to = Math.max(to + 1, Math.min(length, (next.until ?? 0) - clock))
      if (to < length) next = this.#owns(client, clock + to)
    }
    return { pending, to }
  }

  #pendingElement(element: XmlElement): Pending {
    const id = element._item?.id
    if (this.#owns && id) return this.#owns(id.client, id.clock)
    return this.#pendingOf(attribute(element, FLAG))
  }

  #pendingOf(value: unknown): Pending {
    const flag = parseFlag(value)
    if (!flag) return {}
    const stale = noteOf(this.#doc, flag.chunk)?.stale !== undefined
    return { [flag.op]: flag.chunk, ...(stale && { stale }) }
  }
}

function shapeOf(type: XmlElement | XmlText): Omit<Block, 'id' | 'inlines'> {
  if (type instanceof XmlText || INLINE_TYPES.has(type.nodeName)) {
    return { type: 'paragraph', level: 0 }
  }
  switch (type.nodeName) {
    case 'paragraph':
    case 'quote':
      return { type: type.nodeName, level: 0 }
    case 'heading': {
      const level = Number(String(attribute(type, '__tag') ?? DEFAULTS.headingTag).slice(1))
      return { type: 'heading', level: level >= 1 && level <= 6 ? level : 1 }
    }
    case 'code': {
      const language = attribute(type, '__language')
      return {
        type: 'code',
        level: 0,
        ...(typeof language === 'string' && language && { language }),
      }
    }
    case 'horizontalrule':
      return { type: 'divider', level: 0 }
    default:
      return { type: 'unknown', level: 0 }
  }
}

function flagOf({ ins, del, stale }: Pending): Flag | undefined {
  if (ins !== undefined) return { op: 'ins', chunk: ins, ...(stale && { stale }) }
  return del === undefined ? undefined : { op: 'del', chunk: del }
}

function formatOf(properties: unknown): number {
  const format =
    typeof properties === 'object' && properties !== null && '__format' in properties
      ? properties.__format
      : 0
  return typeof format === 'number' ? format : 0
}

const attribute = (element: XmlElement, key: string): unknown => element.getAttribute(key)

function* children(parent: { _start: Item | null }): Generator<XmlElement | XmlText> {
  for (let item = parent._start; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof ContentType)) continue
    const type: unknown = item.content.type
    if (type instanceof XmlElement || type instanceof XmlText) yield type
  }
}
