/**
 * A history of three people and a run, at whose end one of them undoes all and redoes all. Every
 * character is one of its kind, so that each can be followed. Throws an error that says what broke.
 */

import * as Y from 'yjs'
import { firstContent } from '#server/rooms/first-content.ts'
import { textsUnder } from '#server/suggestions/items.ts'
import type { RunText } from '#server/suggestions/run-text.ts'
import type { Piece } from '#shared/document/piece.ts'
import { body } from '#shared/document/shape.ts'
import { fail, show } from './characters.ts'
import { Person } from './editors.ts'
import { Random } from './random.ts'
import { Star } from './star.ts'
import { type Action, Alphabet } from './typing.ts'

export interface UndoHistory {
  seed: number
  /** What Ada does, who undoes all of it in the end. */
  ada: readonly Action[]
  /** What Ben and Cy do meanwhile. */
  others: readonly Action[]
  steps?: number
}

const RUN = 'run-9'
const WORDS = ['abcdefgh ijkl.', 'mnop qrst uv.', 'wxyz 0123.']

export function playUndo(history: UndoHistory): void {
  try {
    new UndoStory(history).play()
  } catch (error) {
    throw new Error(`history ${history.seed}: repeat with FUZZ_SEED=${history.seed} FUZZ_RUNS=1`, {
      cause: error,
    })
  }
}

class UndoStory {
  readonly #random: Random
  readonly #history: UndoHistory
  readonly #star: Star
  readonly #people: Person[]
  readonly #alphabets = [0x4e00, 0x6000, 0x7800].map((first) => new Alphabet(first, first + 0xfff))
  readonly #model = new Alphabet(0xac00, 0xd7a3)
  #pen: RunText | undefined

  constructor(history: UndoHistory) {
    this.#history = history
    this.#random = new Random(history.seed)
    this.#star = new Star(
      firstContent([
        ...WORDS.flatMap((text): Piece[] => [
          { kind: 'block', block: { type: 'paragraph' } },
          { kind: 'text', text, format: 0 },
        ]),
      ]).update,
    )
    this.#people = ['ada', 'ben', 'cy'].map((name, n) =>
      this.#star.join((content, send) => new Person(name, { client: 100 + n, content, send })),
    )
  }

  play(): void {
    const { steps = 40 } = this.#history
    for (let step = 0; step < steps; step++) {
      this.#act()
      if (step >= 8 && step < 24) this.#stream(step)
      this.#star.quiet()
    }
    const [ada] = this.#people as [Person]
    const whole = this.#written(ada)
    this.#undoAll(ada)
    for (let n = 0; ada.undoManager.redoStack.length > 0 && n < 500; n++) {
      ada.redo()
      this.#star.quiet()
    }
    this.#check('redoing all', this.#written(ada), whole)
    this.#star.close()
  }

  #act(): void {
    const { ada, others } = this.#history
    const who = this.#random.chance(0.5) ? 0 : 1 + this.#random.below(2)
    this.#random.pick(who === 0 ? ada : others)(
      this.#people[who]!,
      this.#random,
      this.#alphabets[who]!,
    )
  }

  /** A run begins somewhere in the text, writes two sentences, and Ada may decide on the first. */
  #stream(step: number): void {
    if (step === 8) {
      const text = this.#random.pick([...textsUnder(body(this.#star.doc))])
      const position = Y.createRelativePositionFromTypeIndex(text, 0)
      this.#pen = this.#star.run(RUN, 9, { kind: 'inline', position })
    }
    if (!this.#pen) return
    const pieces: Piece[] = [{ kind: 'text', text: this.#model.take(2), format: 0 }]
    if (step === 16) pieces.push({ kind: 'chunk' })
    this.#star.write(this.#pen, pieces)
    if (step === 18 && this.#random.chance(0.5)) {
      this.#people[0]!.decide(`${RUN}.1`, this.#random.chance(0.5) ? 'accepted' : 'rejected')
    }
    if (step === 23) this.#star.end(this.#pen)
  }

  #undoAll(ada: Person): void {
    const [own] = this.#alphabets as [Alphabet]
    for (let n = 0; ada.undoManager.undoStack.length > 0; n++) {
      if (n > 500) fail('undoing never ends')
      const before = this.#written(ada)
      ada.undo()
      this.#star.quiet()
      this.#check(`undo ${n + 1}`, this.#written(ada), before, own)
    }
    const left = [...this.#written(ada).keys()].filter((character) => own.has(character))
    if (left.length > 0) fail(`Ada’s ${show(left.join(''))} are left`)
  }

  /** That each character of `before` is there but for `mayGo`, none twice, and all read the same. */
  #check(
    when: string,
    now: ReadonlyMap<string, number>,
    before: ReadonlyMap<string, number>,
    mayGo?: Alphabet,
  ): void {
    const lost = [...before.keys()].filter((one) => !mayGo?.has(one) && !now.has(one))
    const twice = [...now.keys()].filter((one) => now.get(one)! > 1)
    const [ada, ...others] = this.#people as [Person]
    if (lost.length > 0) fail(`${when}: ${show(lost.join(''))} lost in ${ada.view}`)
    if (twice.length > 0) fail(`${when}: ${show(twice.join(''))} twice in ${ada.view}`)
    for (const { name, view } of others) {
      if (view !== ada.view) fail(`${when}: ${name} reads ${view}, Ada ${ada.view}`)
    }
    for (const { name, errors } of this.#people) if (errors[0]) fail(`${name} threw ${errors[0]}`)
  }

  /** How often each character of people is there; spaces and points occur more than once anyway. */
  #written({ text }: Person): Map<string, number> {
    const count = new Map<string, number>()
    for (const one of text.replace(/[\s.]/g, '')) {
      if (!this.#model.has(one)) count.set(one, (count.get(one) ?? 0) + 1)
    }
    return count
  }
}
