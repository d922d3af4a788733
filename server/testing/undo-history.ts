/**
 * A history of three people and a run, at whose end one of them undoes all and redoes all. Every
 * character is one of its kind, so that each can be followed. Throws an error that says what broke.
 */

import * as Y from 'yjs'
import { textsUnder } from '#server/suggestions/items.ts'
import type { RunText } from '#server/suggestions/run-text.ts'
import type { Piece } from '#shared/document/piece.ts'
import { ABOVE_LATE_CLIENTS, body } from '#shared/document/shape.ts'
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

/** Chance must not choose clients: by their numbers Yjs decides which of two words comes first. */
const [SEEDED, ROOM] = [1, 2]
const RUN = 'run-9'
const WORDS = ['abcdefgh ijkl.', 'mnop qrst uv.', 'wxyz 0123.']

/** Returns what differs when all is undone and redone, in words; nothing where it is as it was. */
export function playUndo(history: UndoHistory): string | undefined {
  try {
    return new UndoStory(history).play()
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
  /** What Ben or Cy have taken away, which Ada's undo is not to bring back. */
  readonly #erasedByOthers = new Set<string>()
  #pen: RunText | undefined

  constructor(history: UndoHistory) {
    this.#history = history
    this.#random = new Random(history.seed)
    this.#star = new Star(firstLines(WORDS))
    this.#star.doc.clientID = ROOM
    this.#people = ['ada', 'ben', 'cy'].map((name, n) =>
      this.#star.join(
        (content, send) => new Person(name, { client: ABOVE_LATE_CLIENTS + n, content, send }),
      ),
    )
    // Where a step ends is the history's choice: how fast it is played must not decide it.
    for (const { undoManager } of this.#people) undoManager.captureTimeout = Number.MAX_SAFE_INTEGER
  }

  play(): string | undefined {
    const { steps = 40 } = this.#history
    for (let step = 0; step < steps; step++) {
      for (const { undoManager } of this.#people) {
        if (this.#random.chance(0.5)) undoManager.stopCapturing()
      }
      this.#act()
      if (step >= 8 && step < 24) this.#stream(step)
      this.#star.quiet()
    }
    const [ada] = this.#people as [Person]
    const whole = shown(ada)
    this.#undoAll(ada)
    for (let n = 0; ada.undoManager.redoStack.length > 0 && n < 500; n++) {
      ada.redo()
      this.#star.quiet()
    }
    this.#checkAll('redoing all')
    const redone = shown(ada)
    this.#star.close()
    return redone === whole ? undefined : `redone it is ${redone}, and was ${whole}`
  }

  #act(): void {
    const { ada, others } = this.#history
    const who = this.#random.chance(0.5) ? 0 : 1 + this.#random.below(2)
    const person = this.#people[who]!
    const before = this.#characters(person)
    this.#random.pick(who === 0 ? ada : others)(person, this.#random, this.#alphabets[who]!)
    const now = this.#characters(person)
    for (const one of now.keys()) this.#erasedByOthers.delete(one)
    if (who === 0) return
    for (const one of before.keys()) if (!now.has(one)) this.#erasedByOthers.add(one)
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
    for (let n = 1; ada.undoManager.undoStack.length > 0; n++) {
      if (n > 500) fail('undoing never ends')
      const before = this.#characters(ada)
      const decided = this.#star.log.length
      ada.undo()
      this.#star.quiet()
      const now = this.#characters(ada)
      // What a run wrote also goes and comes with a decision that is taken back.
      const settled = this.#star.log.length > decided
      const isOthers = (one: string) => !own.has(one) && !(settled && this.#model.has(one))
      const lost = [...before.keys()].filter((one) => isOthers(one) && !now.has(one))
      const back = [...now.keys()].filter(
        (one) => !before.has(one) && this.#erasedByOthers.has(one),
      )
      if (lost.length > 0) fail(`undo ${n}: ${show(lost.join(''))} lost in ${ada.view}`)
      if (back.length > 0) fail(`undo ${n}: ${show(back.join(''))} back in ${ada.view}`)
      this.#checkAll(`undo ${n}`)
    }
    const left = [...this.#characters(ada).keys()].filter((one) => own.has(one))
    if (left.length > 0) fail(`Ada’s ${show(left.join(''))} are left`)
  }

  /** That nothing is there twice, that all read the same, and that no editor broke. */
  #checkAll(when: string): void {
    const [ada, ...others] = this.#people as [Person, Person, Person]
    const twice = [...this.#characters(ada)].filter(([, count]) => count > 1).map(([one]) => one)
    if (twice.length > 0) fail(`${when}: ${show(twice.join(''))} twice in ${ada.view}`)
    for (const person of others) {
      if (shown(person) === shown(ada)) continue
      fail(`${when}: ${person.name} reads ${person.view}, Ada ${ada.view}`)
    }
    // What an editor throws at an edit of its own it just undoes.
    for (const { name, broken } of this.#people) if (broken[0]) fail(`${name} threw ${broken[0]}`)
  }

  /** How often each character is there; spaces and points occur more than once anyway. */
  #characters({ text }: Person): Map<string, number> {
    const count = new Map<string, number>()
    for (const one of text.replace(/[\s.]/g, '')) count.set(one, (count.get(one) ?? 0) + 1)
    return count
  }
}

/** Paragraphs of their own. */
function firstLines(lines: readonly string[]): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = SEEDED
  const paragraphs = lines.map((words) => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.push([new Y.XmlText(words)])
    return paragraph
  })
  body(doc).push(paragraphs)
  return Y.encodeStateAsUpdate(doc)
}

/**
 * What a page shows, however the words of one look are divided into nodes. Flags are left out: they
 * are the room's, which looks at every copy.
 */
function shown(person: Person): string {
  const view = person.view.replace(/\{[^}]*\}/g, '')
  let look: string | undefined
  let end = 0
  let merged = ''
  for (const { index, 0: token, 1: format = '', 2: words = '' } of view.matchAll(TEXT)) {
    const between = view.slice(end, index)
    const goesOn = between === ' ' && format === look
    merged = goesOn ? merged.slice(0, -1) : `${merged}${between}${format}"`
    merged += `${words}"`
    look = format
    end = index + token.length
  }
  return merged + view.slice(end)
}

/** A text as `view` shows it: its format and its words. */
const TEXT = /((?:\/\d+ )?)"([^"]*)"/g
