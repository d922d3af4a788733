/**
 * This test compares, over random documents, runs and people's changes, what the views say before, what
 * settling makes in whatever order, and what an independent model says. Repeat a failure with
 * OUTCOME_SEED=<seed> OUTCOME_RUNS=1.
 */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { addressBlocks } from '#server/ai/addresses.ts'
import { EditStream } from '#server/ai/answers/edit-stream.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { type Outcome, outcomeOf } from '#server/testing/outcome-model.ts'
import { Random } from '#server/testing/random.ts'
import type { Block } from '#shared/document/blocks.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body } from '#shared/document/shape.ts'
import type { ContentView } from '#shared/protocol/api.ts'
import { textsUnder } from '../items.ts'
import { ownsBy } from '../owns.ts'
import type { Place } from '../place.ts'
import { RunText } from '../run-text.ts'
import { Suggestions } from '../suggestions.ts'
import type { StoredChunk } from '../types.ts'
import { rivalsIn, spoiledIn } from './rivals.ts'

const RUNS = Number(process.env.OUTCOME_RUNS ?? 12)
const SEED = Number(process.env.OUTCOME_SEED ?? 1)
const HOSTS = new Set(['a.b'])
const WORDS = ['ash', 'birch', 'cedar', 'elm', 'fir', 'la', 'la', '**oak**', '[yew](https://a.b/c)']

/** One history: a document, some runs over it with people typing among them, and its two outcomes. */
class History {
  readonly doc = new Y.Doc()
  readonly suggestions: Suggestions
  readonly random: Random
  readonly #people = new Y.Doc()
  #runs = 0

  constructor(seed: number) {
    this.random = new Random(seed)
    const blocks = Array.from({ length: 2 + this.random.below(4) }, () => this.#block())
    const stream = new MarkdownStream(HOSTS)
    const content = [...stream.push(blocks.join('\n\n')), ...stream.end()]
    Y.applyUpdate(this.doc, firstContent(content).update)
    this.doc.clientID = 7
    this.#people.clientID = 8
    this.suggestions = new Suggestions(this.doc)
    this.#people.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') Y.applyUpdate(this.doc, update, 'people')
    })
  }

  play(): void {
    const open: (() => boolean)[] = []
    for (let step = 0; step < 24; step++) {
      const chance = this.random.next()
      if (chance < 0.25 && open.length < 3) open.push(this.#begin())
      else if (chance < 0.75 && open.length > 0) {
        const n = this.random.below(open.length)
        if (!open[n]!()) open.splice(n, 1)
      } else this.#change()
      this.renew()
    }
    for (const go of open) while (go()) this.renew()
    this.suggestions.repair('room')
    this.renew()
  }

  /** What a room does when the text has changed. */
  renew(): void {
    const outdated = [...this.suggestions.outdated().keys()].map(({ id }) => id)
    if (outdated.length > 0) this.suggestions.renew(outdated, 'room')
  }

  /** Another copy of all this, as an instance has it that reads the database. */
  copy(): { doc: Y.Doc; suggestions: Suggestions } {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.doc))
    const suggestions = new Suggestions(doc)
    suggestions.restore(this.rows)
    return { doc, suggestions }
  }

  get rows(): StoredChunk[] {
    return structuredClone(this.suggestions.book.undecided())
  }

  #block(): string {
    const line = () =>
      Array.from({ length: 1 + this.random.below(2) }, () => this.#sentence()).join(' ')
    return this.random.pick([
      line(),
      line(),
      `${line()}\\\n${line()}`,
      `## ${this.#sentence()}`,
      `> ${line()}`,
      `\`\`\`\n${this.#sentence()}\n${this.#sentence()}\n\`\`\``,
      `- ${line()}\n- ${line()}\n  - ${line()}\n- ${line()}`,
      `1. ${line()}\n2. ${line()}`,
    ])
  }

  #sentence(): string {
    const words = Array.from({ length: 2 + this.random.below(4) }, () => this.random.pick(WORDS))
    return `The ${words.join(' ')}.`
  }

  /** A run in some pieces; each call writes one, until it says that it is done. */
  #begin(): () => boolean {
    const isEdit = this.random.chance(0.7)
    const suggestion = `s${++this.#runs}`
    const client = 100 + this.#runs
    const blocks = readBlocks(this.doc, 'without', ownsBy(this.suggestions))
    const [answer, translator, place] = isEdit ? this.#edit(blocks) : this.#insertion()
    const pen = new RunText(this.suggestions, { suggestion, client, place })
    let at = 0
    return () => {
      const size = 8 + this.random.below(40)
      const part = answer.slice(at, at + size)
      at += size
      pen.write(translator.push(part), 'run')
      if (at < answer.length) return true
      pen.write(translator.end(), 'run')
      pen.end('run')
      return false
    }
  }

  #edit(blocks: readonly Block[]): [string, EditStream, Place] {
    const addressed = addressBlocks(blocks)
    const stream = new EditStream({
      blocks: addressed,
      granularity: this.random.pick(['words', 'tail']),
      hosts: HOSTS,
    })
    const wholes = this.random.chance(0.5)
    let answer = ''
    for (const block of addressed) {
      if (this.random.chance(0.4)) continue
      if (wholes || block.sentences.length === 0) {
        answer += `@@ ${block.address}\n${this.random.chance(0.1) ? '' : this.#block()}\n`
        continue
      }
      for (const { address, text } of block.sentences) {
        if (this.random.chance(0.3)) continue
        const words = text.split(' ')
        words.splice(this.random.below(words.length), this.random.below(2), 'pine')
        answer += `${address}: ${this.random.chance(0.1) ? '' : words.join(' ')}\n`
      }
    }
    return [answer || '@@ none\n', stream, { kind: 'edit' }]
  }

  #insertion(): [string, MarkdownStream, Place] {
    const root = body(this.doc)
    const texts = [...textsUnder(root)]
    const text = this.random.pick(texts)
    const answer = Array.from({ length: 1 + this.random.below(3) }, () => this.#block()).join(
      '\n\n',
    )
    const inline: Place = text && {
      kind: 'inline',
      position: Y.createRelativePositionFromTypeIndex(text, this.random.below(text.length + 1)),
    }
    const block = root.get(this.random.below(root.length))._item!.id
    const place = this.random.pick<Place>([
      inline ?? { kind: 'end' },
      { kind: 'end' },
      { kind: 'after-block', block },
    ])
    return [answer, new MarkdownStream(HOSTS), place]
  }

  /** Somebody types or erases, into whatever they see. */
  #change(): void {
    Y.applyUpdate(this.#people, Y.encodeStateAsUpdate(this.doc), 'server')
    const text = this.random.pick([...textsUnder(body(this.#people))])
    if (!text) return
    const at = this.random.below(text.length + 1)
    this.#people.transact(() => {
      if (this.random.chance(0.7)) text.insert(at, this.random.pick(['x', 'yz', ' new ']))
      else text.delete(at, Math.min(text.length - at, 1 + this.random.below(4)))
    })
  }
}

const read = (doc: Y.Doc, suggestions: Suggestions, view: ContentView): string[] =>
  readBlocks(doc, view, ownsBy(suggestions, view)).map((block) => {
    const line = block.inlines
      .map((inline) => (inline.kind === 'text' ? inline.text : '/'))
      .join('')
    if (block.type === 'listitem') return `${'-'.repeat(block.level + 1)} ${line}`
    const type = block.type === 'divider' ? 'horizontalrule' : block.type
    const tag = block.type === 'heading' && block.level > 1 ? ` h${block.level}` : ''
    return `${type}${tag}: ${line}`
  })

/** Without the one empty paragraph that a document never lacks. */
const shown = (lines: string[]): string[] => (lines.join() === 'paragraph: ' ? [] : lines)

const shuffled = <T>(values: readonly T[], random: Random): T[] => {
  const left = [...values]
  return values.map(() => left.splice(random.below(left.length), 1)[0]!)
}

function decideAll(
  { doc, suggestions }: { doc: Y.Doc; suggestions: Suggestions },
  order: readonly string[],
  outcome: Outcome,
): string[] {
  for (const id of order) suggestions.settle([id], outcome, 'ada', 'room')
  suggestions.repair('room')
  return shown(read(doc, suggestions, 'without'))
}

/** Those that found faults of their own: 13 a break handed on twice, 155 a word in a rival's proposal. */
const FOUND = process.env.OUTCOME_SEED ? [] : [13, 155]
const seeds = [...Array.from({ length: RUNS }, (_, n) => SEED + n), ...FOUND]

function played(seed: number): History {
  const history = new History(seed)
  history.play()
  return history
}

function inEach(check: (history: History, seed: number) => void): void {
  for (const seed of seeds) {
    try {
      check(played(seed), seed)
    } catch (cause) {
      throw new Error(`history ${seed}: repeat with OUTCOME_SEED=${seed} OUTCOME_RUNS=1`, { cause })
    }
  }
}

test(`[G30] the view “without” is the document after rejecting everything, in any order and all at once (${RUNS} histories from seed ${SEED})`, () => {
  inEach((history) => {
    const model = shown(outcomeOf(history.doc, history.rows, 'rejected'))
    expect(shown(read(history.doc, history.suggestions, 'without'))).toEqual(model)
    const ids = history.rows.map(({ id }) => id)
    for (const order of [ids, ids.toReversed(), shuffled(ids, history.random)]) {
      expect(decideAll(history.copy(), order, 'rejected')).toEqual(model)
    }
    const atOnce = history.copy()
    atOnce.suggestions.settle(ids, 'rejected', 'ada', 'room')
    expect(shown(read(atOnce.doc, atOnce.suggestions, 'without'))).toEqual(model)
  })
}, 120_000)

test(`[G30] the view “accepted” is the document after accepting everything in order; in any order where no chunks are rivals (${RUNS} histories from seed ${SEED})`, () => {
  inEach((history) => {
    const { book } = history.suggestions
    const inOrder = book.undecided().sort((a, b) => book.compare(a, b))
    const ids = inOrder.map(({ id }) => id)
    const before = shown(read(history.doc, history.suggestions, 'accepted'))
    const one = history.copy()
    const result = decideAll(one, ids, 'accepted')
    expect(result).toEqual(before)
    const stale = one.suggestions.book.undecided()
    expect(stale.every(({ state }) => state === 'stale')).toBe(true)
    // Where one chunk can make another one stale, the order counts.
    if (rivalsIn(book).size + spoiledIn(book).size > 0) return
    const model = shown(outcomeOf(history.doc, history.rows, 'accepted'))
    expect(before).toEqual(model)
    for (const order of [ids.toReversed(), shuffled(ids, history.random)]) {
      expect(decideAll(history.copy(), order, 'accepted')).toEqual(model)
    }
  })
}, 120_000)

test(`[G31] reopening in any order gives back what was there: both views, and what each chunk proposes and strikes (${RUNS} histories from seed ${SEED})`, () => {
  inEach((history) => {
    for (const outcome of ['rejected', 'accepted'] as const) {
      const { doc, suggestions } = history.copy()
      const views = () =>
        [...read(doc, suggestions, 'without'), '', ...read(doc, suggestions, 'accepted')].join('\n')
      const texts = () =>
        Object.fromEntries(
          suggestions
            .list()
            .flatMap(({ chunks }) =>
              chunks.map(({ id, state, inserted, deleted }) => [
                id,
                `${state}|${inserted}|${deleted}`,
              ]),
            ),
        )
      const [before, textsBefore] = [views(), texts()]
      const ids = history.rows.map(({ id }) => id)
      const settled = shuffled(ids, history.random).flatMap((id) =>
        suggestions.settle([id], outcome, 'ada', 'room'),
      )
      for (const id of shuffled(settled, history.random)) suggestions.reopen(id, 'room')
      suggestions.repair('room')
      expect(texts()).toEqual(textsBefore)
      expect(views()).toBe(before)
    }
  })
}, 120_000)
