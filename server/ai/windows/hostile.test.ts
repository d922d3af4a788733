/**
 * Random edits of random documents by models that answer as badly as they can, while somebody types
 * everywhere: rejected they leave what people wrote, and either way each typed character is there once.
 */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { HostileModel } from '#server/testing/hostile-model.ts'
import { Random } from '#server/testing/random.ts'
import { Rewriting } from '#server/testing/rewriting.ts'
import type { Block } from '#shared/document/blocks.ts'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import { body, FLAG } from '#shared/document/shape.ts'
import { ModelError, type ModelRequest } from '../endpoint.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 15)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const COMMANDS = [
  'proofread',
  'rewrite',
  'shorten',
  'expand',
  'tone',
  'translate',
  'to-list',
  'edit',
]
/** What a person types, each letter once: Korean, which no document and no answer here has. */
const TYPED = /[\uAC00-\uD7A3]/g

/** Somebody who types into whatever text is there, as it is seen by an editor of its own. */
class Typist {
  readonly doc = new Y.Doc()
  readonly #random: Random
  #next = 0xac00

  constructor(random: Random) {
    this.#random = random
  }

  typeInto(edit: Rewriting): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(edit.doc, Y.encodeStateVector(this.doc)), 'room')
    const texts = [...textsIn(body(this.doc))]
    if (texts.length === 0) return
    const text = this.#random.pick(texts)
    const before = Y.encodeStateVector(this.doc)
    const at = this.#random.below(text.length + 1)
    text.insert(isWithinCharacter(text, at) ? at + 1 : at, String.fromCharCode(this.#next++))
    edit.suggestions.actor = 'ben'
    Y.applyUpdate(edit.doc, Y.encodeStateAsUpdate(this.doc, before), 'ben')
    edit.suggestions.actor = null
    // As a room does before it settles anything.
    const { suggestions } = edit
    suggestions.renew(
      [...suggestions.outdated().keys()].map(({ id }) => id),
      'room',
    )
    suggestions.repair('room')
  }

  get typed(): string[] {
    return Array.from({ length: this.#next - 0xac00 }, (_, n) => String.fromCharCode(0xac00 + n))
  }
}

function isWithinCharacter(text: Y.XmlText, at: number): boolean {
  const parts = (text.toDelta() as { insert: unknown }[]).map(({ insert }) => insert)
  const units = parts.map((part) => (typeof part === 'string' ? part : '·')).join('')
  return /^[\uDC00-\uDFFF]/.test(units.slice(at))
}

function* textsIn(element: Y.XmlElement | Y.XmlText): Generator<Y.XmlText> {
  if (element instanceof Y.XmlText) return yield element
  for (const child of element.toArray())
    if (child instanceof Y.XmlElement || child instanceof Y.XmlText) yield* textsIn(child)
}

function randomDocument(random: Random): Piece[] {
  const words = [
    'alpha',
    'beta.',
    'Gamma',
    '日本。',
    '😀',
    'don’t',
    'x_y',
    '3.5',
    '“Q.”',
    'b2:',
    '@@',
  ]
  const kinds: BlockSpec[] = [
    ...Array<BlockSpec>(4).fill({ type: 'paragraph' }),
    { type: 'heading', level: 2 },
    { type: 'quote' },
    { type: 'listitem', list: 'bullet', depth: 0 },
    { type: 'listitem', list: 'number', depth: 1 },
    { type: 'code', language: 'js' },
    { type: 'divider' },
  ]
  return Array.from({ length: 1 + random.below(12) }, (): Piece[] => {
    const block = random.pick(kinds)
    if (block.type === 'divider') return [{ kind: 'block', block }]
    const isCode = block.type === 'code'
    const parts = Array.from({ length: random.below(5) }, (_, n): Piece => {
      const isBreak = n > 0 && random.chance(isCode ? 0.4 : 0.05)
      if (isBreak) return { kind: 'break' }
      const text = Array.from({ length: 1 + random.below(8) }, () => random.pick(words)).join(' ')
      const isLink = !isCode && random.chance(0.1)
      const format = isCode ? 0 : random.pick([0, 0, 0, 1, 2, 16])
      return { kind: 'text', text: `${text} `, format, ...(isLink && { url: 'https://a.b/c' }) }
    })
    return [{ kind: 'block', block }, ...parts]
  }).flat()
}

/**
 * A document in a form that can be compared, without what was typed. A block or a line break beside
 * that may have been proposed, and stays for the sake of what somebody typed behind it.
 */
const shownOf = (blocks: readonly Block[]) =>
  blocks
    .map(({ type, level, list, inlines }) => {
      const shown = inlines.flatMap((inline) =>
        inline.kind === 'break'
          ? []
          : [...inline.text.replace(TYPED, '')].map(
              (one) => `${one}|${inline.format}|${inline.url ?? ''}`,
            ),
      )
      return { type, level, list, shown }
    })
    .filter(({ type, shown }) => type === 'divider' || shown.length > 0)

const breaksIn = (blocks: readonly Block[]): number =>
  blocks.flatMap(({ inlines }) => inlines).filter(({ kind }) => kind === 'break').length

const typedIn = (edit: Rewriting): string[] =>
  (edit.lines().join('\n').match(TYPED) ?? []).toSorted()

async function history(seed: number, decision: 'accepted' | 'rejected'): Promise<void> {
  const random = new Random(seed)
  const command = random.pick(COMMANDS)
  const edit = new Rewriting(randomDocument(random), {
    ...{ command, instruction: 'Do it.', contextTokens: random.pick([1_100, 1_500, 8_192]) },
    limits: { runOutputTokens: random.pick([64, 4_096]) },
  })
  const before = shownOf(edit.blocks())
  const breaks = breaksIn(edit.blocks())
  const typist = new Typist(random)
  const hostile = new HostileModel(random)
  const model = function* (request: ModelRequest) {
    expect(shownOf(edit.blocks())).toEqual(before)
    for (const part of hostile.answer(request)) {
      if (random.chance(0.02)) typist.typeInto(edit)
      yield part
    }
  }
  for (let n = 0; n < 3; n++) {
    try {
      await edit.run(model)
      break
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
    }
    expect(shownOf(edit.blocks())).toEqual(before)
  }
  typist.typeInto(edit)
  expect(edit.requests.length).toBeLessThan(150)
  expect(shownOf(edit.blocks())).toEqual(before)
  expect(typedIn(edit)).toEqual(typist.typed)
  const oneByOne = random.chance(0.5)
  edit.decide(decision, oneByOne)
  // What could not be accepted, since the text has changed, is dropped.
  edit.decide('rejected')
  expect(JSON.stringify(body(edit.doc).toJSON())).not.toContain(FLAG)
  if (decision === 'rejected') {
    expect(shownOf(edit.blocks())).toEqual(before)
    expect(typedIn(edit)).toEqual(typist.typed)
    expect(breaksIn(edit.blocks())).toBeGreaterThanOrEqual(breaks)
    expect(breaksIn(edit.blocks())).toBeLessThanOrEqual(breaks + typist.typed.length)
    return
  }
  // A rewrite takes away what it was made for, and nothing that was typed since.
  const shown = edit.requests.flatMap(({ messages }) => messages.map(({ content }) => content))
  const left = typedIn(edit)
  const lost = typist.typed.filter((one) => !left.includes(one))
  // Beside a mark of markdown the prompt has a letter as `&#44034;`.
  const isShown = (one: string) =>
    [one, `&#${one.charCodeAt(0)};`].some((form) => shown.join().includes(form))
  expect(lost.filter((one) => !isShown(one))).toEqual([])
}

test(`[P29] whatever a model answers, nobody’s words are lost or scrambled (seeds from ${SEED})`, async () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    for (const decision of ['rejected', 'accepted'] as const) {
      try {
        await history(seed, decision)
      } catch (error) {
        throw new Error(`seed ${seed}, ${decision}`, { cause: error })
      }
    }
  }
})
