/**
 * This test decides the chunks of one run one by one, in three orders, and brings each back alone: what
 * comes of it must be what deciding them at once, or not having the others, comes to.
 */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { Random } from '#server/testing/random.ts'
import { exportMarkdown } from '#shared/document/export-markdown.ts'
import type { Piece } from '#shared/document/piece.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body } from '#shared/document/shape.ts'
import type { ContentView } from '#shared/protocol/api.ts'
import { ownsBy } from './owns.ts'
import type { Place } from './place.ts'
import { Recall } from './recall.ts'
import { RunText } from './run-text.ts'
import { Suggestions } from './suggestions.ts'

const HOSTS = new Set(['a.b'])

/** A document, and what a run has proposed in it behind so many characters of its first line. */
class World {
  readonly doc = new Y.Doc()
  readonly ids: string[]
  suggestions: Suggestions
  /** Who writes is a server that settles, as the log has it. */
  #isSettling = false
  readonly #log: { data: Uint8Array; isSettling: boolean }[] = []

  constructor(markdown: string, answer: string | readonly Piece[], at?: number) {
    this.suggestions = this.#serve()
    Y.applyUpdate(this.doc, firstContent(piecesOf(markdown)).update)
    const pen = new RunText(this.suggestions, {
      suggestion: 's',
      client: 9,
      place: this.#place(at),
    })
    pen.write(typeof answer === 'string' ? piecesOf(answer) : answer, 'run')
    pen.end('run')
    this.ids = this.suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
  }

  /** A new server that knows what the database has. */
  restart(): void {
    const rows = this.ids.map((id) => structuredClone(this.suggestions.book.get(id)!))
    this.suggestions.destroy()
    this.suggestions = new Suggestions(this.doc)
    this.suggestions.restore(rows)
  }

  decide(id: string, decision: 'accepted' | 'rejected'): void {
    this.#isSettling = true
    this.suggestions.settle([id], decision, 'ada', 'room')
    this.#isSettling = false
  }

  reopen(id: string): boolean {
    const forgotten = this.suggestions.forgotten([id])
    const recall = new Recall(this.doc, this.suggestions.book.areKin)
    if (forgotten.length > 0) recall.read({ snapshot: undefined, updates: this.#log }, forgotten)
    this.#isSettling = true
    const restorer = forgotten.length > 0 ? recall.restorerOf(id) : undefined
    const isBack = this.suggestions.reopen(id, 'room', restorer)
    this.#isSettling = false
    recall.close()
    return isBack
  }

  read(view: ContentView = 'without'): string {
    this.suggestions.repair('room')
    return exportMarkdown(readBlocks(this.doc, view, ownsBy(this.suggestions, view))).trimEnd()
  }

  #serve(): Suggestions {
    this.doc.on('update', (data: Uint8Array) => {
      this.#log.push({ data, isSettling: this.#isSettling })
    })
    return new Suggestions(this.doc)
  }

  #place(at?: number): Place {
    if (at === undefined) return { kind: 'end' }
    const line = (body(this.doc).get(0) as Y.XmlElement).toArray()
    const text = line.find((child) => child instanceof Y.XmlText)!
    return { kind: 'inline', position: Y.createRelativePositionFromTypeIndex(text, at) }
  }
}

const piecesOf = (markdown: string): Piece[] => {
  const stream = new MarkdownStream(HOSTS)
  return [...stream.push(markdown), ...stream.end()]
}

/** Forwards, backwards, and from the middle outwards. */
const orders = (ids: readonly string[]): string[][] => {
  const middle = ids.length >> 1
  return [[...ids], ids.toReversed(), [...ids.slice(middle), ...ids.slice(0, middle).toReversed()]]
}

const say = (text: string): Piece => ({ kind: 'text', text, format: 0 })
const line: Piece = { kind: 'break' }
const chunk: Piece = { kind: 'chunk' }

const BREAKS: [string, string, readonly Piece[] | string, number | undefined][] = [
  ['between two sentences', 'plain tail', [say('One.'), chunk, line, say('Two.'), chunk], 5],
  ['in front and behind', 'plain tail', [line, say('One.'), chunk, say(' Two.'), line, chunk], 5],
  ['alone in a chunk', 'plain tail', [say('One.'), chunk, line, chunk, say('Two.'), chunk], 6],
  ['two of them', 'plain tail', [say('One.'), line, line, chunk, say('Two.'), line, chunk], 0],
  ['at the end of a line', 'plain tail', [line, say('One.'), chunk, line, say('Two.'), chunk], 10],
  ['beside people’s own', 'plain\\\ntail', [line, say('One.'), chunk, line, say('Two.'), chunk], 5],
  ['in blocks', 'plain', 'One.\\\nTwo. Three.\\\nFour.\n\n> Five.\\\n> Six.', undefined],
  ['in an item', 'plain', '- One.\\\n  Two.\n- Three.\\\n  Four. Five.', undefined],
]

test.each(
  BREAKS,
)('[G24] case 30.13: line breaks %s: rejecting or accepting one by one comes to what all at once does, and to what the views said', (_, markdown, answer, at) => {
  for (const decision of ['rejected', 'accepted'] as const) {
    const atOnce = new World(markdown, answer, at)
    const said = atOnce.read(decision === 'rejected' ? 'without' : 'accepted')
    atOnce.suggestions.settle(atOnce.ids, decision, 'ada', 'room')
    expect(atOnce.read()).toBe(said)
    if (decision === 'rejected') expect(said).toBe(markdown)
    expect(atOnce.ids.length).toBeGreaterThan(1)
    for (const order of orders(atOnce.ids)) {
      const world = new World(markdown, answer, at)
      for (const id of order) {
        world.decide(id, decision)
        if (decision === 'rejected') expect(world.read()).toBe(markdown)
      }
      expect(world.read()).toBe(said)
    }
  }
})

const PARTS: [string, string, string | readonly Piece[]][] = [
  ['items of a list', 'plain', '- Alpha.\n- Beta.\n- Gamma.'],
  ['items of a numbered list', 'plain', '1. Alpha.\n2. Beta.\n3. Gamma.'],
  ['items with one within another', 'plain', '- Alpha.\n  - Beta.\n- Gamma.'],
  ['items behind people’s own', '- own', '- Alpha.\n- Beta.\n- Gamma.'],
  ['paragraphs', 'plain', 'Alpha.\n\nBeta.\n\nGamma.'],
  ['blocks of three kinds', 'plain', '# Alpha.\n\n> Beta.\n\n```\nGamma.\n```'],
  ['sentences of a quote', 'plain', '> Alpha. Beta. Gamma.'],
  ['lines with links', 'plain', '[Alpha](https://a.b/c).\n\n- [Beta](https://a.b/d).\n- Gamma.'],
]

test.each(
  PARTS,
)('[G25] case 30.19: of %s rejected one by one each comes back alone, and then the others, from memory and from the log', (_, markdown, answer) => {
  for (const isRestarted of [false, true]) {
    const all = new World(markdown, answer)
    const everything = all.read('accepted')
    for (const order of orders(all.ids)) {
      for (const back of all.ids) {
        const alone = new World(markdown, answer)
        for (const id of order) if (id !== back) alone.decide(id, 'rejected')
        const world = new World(markdown, answer)
        for (const id of order) world.decide(id, 'rejected')
        expect(world.read()).toBe(markdown)
        if (isRestarted) world.restart()

        expect(world.reopen(back)).toBe(true)
        expect(world.read('accepted')).toBe(alone.read('accepted'))
        expect(world.read()).toBe(markdown)

        for (const id of order) if (id !== back) expect(world.reopen(id)).toBe(true)
        expect(world.read('accepted')).toBe(everything)
        expect(world.read()).toBe(markdown)
      }
    }
  }
})

const BLOCKS: readonly Piece[] = [
  { kind: 'block', block: { type: 'listitem', depth: 1, list: 'bullet' } },
  { kind: 'block', block: { type: 'paragraph' } },
  { kind: 'block', block: { type: 'quote' } },
  { kind: 'block', block: { type: 'listitem', depth: 0, list: 'bullet' } },
  { kind: 'block', block: { type: 'listitem', depth: 0, list: 'number' } },
]
const OWN = ['plain', 'plain\\\ntail', '- own\n- more', '> quoted\\\nmore', 'One **two** three.']

/** A document, and sentences for it in all sorts of blocks, with breaks and bold words in them. */
function generate(
  random: Random,
  { breaks = true, bold = true, nested = true } = {},
): ConstructorParameters<typeof World> {
  const markdown = random.pick(OWN)
  const at = markdown.startsWith('-') || random.chance(0.4) ? undefined : random.below(5)
  const pieces: Piece[] = []
  const addBreaks = () => {
    while (random.chance(0.3)) if (breaks) pieces.push(line)
  }
  for (let n = 2 + random.below(3); n > 0; n--) {
    if (pieces.length > 0 ? random.chance(0.3) : at === undefined) {
      pieces.push(random.pick(BLOCKS.slice(nested ? 0 : 1)))
    }
    addBreaks()
    pieces.push(say(random.pick(['One.', 'la la.', 'x'])))
    addBreaks()
    if (random.chance(0.3) && bold) pieces.push({ kind: 'text', text: 'bold', format: 1 })
    addBreaks()
    pieces.push(chunk)
  }
  return [markdown, pieces, at]
}

const shuffle = (random: Random, ids: readonly string[]): string[] =>
  ids
    .map((id) => [random.next(), id] as const)
    .sort(([a], [b]) => a - b)
    .map(([, id]) => id)

const ROUNDS = Number(process.env.ROUNDS ?? 20)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

test('[S107] case 30.13: generated sentences with breaks come to the same, whatever the order in which each is decided', () => {
  for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
    const random = new Random(seed)
    const made = generate(random)
    const atOnce = new World(...made)
    const { ids } = atOnce
    const [without, accepted] = [atOnce.read(), atOnce.read('accepted')]
    const mixed = ids.map((id) => [id, random.pick(['accepted', 'rejected'] as const)] as const)
    const outcomes = [1, 2].map(() => {
      const wanted = new Map(mixed)
      const world = new World(...made)
      for (const id of shuffle(random, ids)) world.decide(id, wanted.get(id)!)
      return world.read()
    })
    expect({ seed, made, outcome: outcomes[0] }).toEqual({ seed, made, outcome: outcomes[1] })
    for (const decision of ['rejected', 'accepted'] as const) {
      const world = new World(...made)
      for (const id of shuffle(random, ids)) {
        world.decide(id, decision)
        if (decision === 'rejected')
          expect({ seed, made, text: world.read() }).toEqual({ seed, made, text: without })
      }
      const text = decision === 'rejected' ? without : accepted
      expect({ seed, made, decision, text: world.read() }).toEqual({ seed, made, decision, text })
    }
  }
})

test('[S107] case 30.19: of generated sentences and blocks that were rejected any come back, in any order, from memory and from the log', () => {
  for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
    const random = new Random(seed)
    // Of bold words beside breaks, and of items within items, the order can still be another.
    const bold = seed % 2 === 0
    const made = generate(random, { bold, breaks: !bold, nested: false })
    const world = new World(...made)
    const { ids } = world
    const [without, accepted] = [world.read(), world.read('accepted')]
    for (const id of shuffle(random, ids)) world.decide(id, 'rejected')
    if (random.chance(0.5)) world.restart()
    const back = shuffle(random, ids)
    const first = back.splice(0, 1 + random.below(ids.length))
    const others = new World(...made)
    for (const id of shuffle(random, back)) others.decide(id, 'rejected')

    for (const id of first) expect(world.reopen(id)).toBe(true)
    const shown = { without, accepted: others.read('accepted') }
    const look = () => ({ without: world.read(), accepted: world.read('accepted') })
    expect({ seed, made, ...look() }).toEqual({ seed, made, ...shown })
    for (const id of back) expect(world.reopen(id)).toBe(true)
    expect({ seed, made, ...look() }).toEqual({ seed, made, without, accepted })
  }
})
