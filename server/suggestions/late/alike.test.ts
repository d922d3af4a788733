/**
 * Three people write and take away words that look alike, online and offline, and each word that
 * nobody took away is there once: only what was moved may follow what somebody deletes.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { LateWords } from './late-words.ts'

const RUNS = Number(process.env.FUZZ_HISTORIES ?? 150)
const PEOPLE = 3
const PEER = 'peer'

/** One act of one person; `at` picks a place or a word. */
const act = fc.record({
  who: fc.nat(PEOPLE - 1),
  what: fc.constantFrom('write', 'write', 'write', 'take', 'take', 'go', 'come', 'break'),
  line: fc.nat(1),
  at: fc.nat(1_000),
})

interface Page {
  doc: Y.Doc
  had: Map<number, number>
  online: boolean
  instance: number
}

/** One document on two instances, and pages that send each edit by itself, or after a time offline all as one. */
class Room {
  readonly pages: Page[] = []
  readonly #instances = [new Y.Doc(), new Y.Doc()].map((doc) => ({
    doc,
    late: new LateWords({
      doc,
      origin: 'room',
      ownerOf: () => undefined,
      onMoved: () => undefined,
      rescue: () => undefined,
    }),
  }))
  #sending: Page | undefined

  constructor() {
    const first = new Y.Doc()
    for (const line of ['one here ', 'two here ']) {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(line)])
      body(first).push([paragraph])
    }
    for (const { doc } of this.#instances) Y.applyUpdate(doc, Y.encodeStateAsUpdate(first))
    for (const [n, { doc }] of this.#instances.entries()) {
      doc.on('update', (update: Uint8Array, origin: unknown) => this.#tell(n, update, origin))
    }
    for (let n = 0; n < PEOPLE; n++) this.#join(n)
  }

  get doc(): Y.Doc {
    return this.#instances[0]!.doc
  }

  reconnect(page: Page): void {
    const { doc } = this.#instanceOf(page)
    const missing = Y.encodeStateAsUpdate(page.doc, Y.encodeStateVector(doc))
    page.online = true
    page.had = Y.decodeStateVector(Y.encodeStateVector(page.doc))
    this.#receive(page, missing, false)
    Y.applyUpdate(page.doc, Y.encodeStateAsUpdate(doc), 'room')
  }

  close(): void {
    for (const { late, doc } of this.#instances) {
      late.close()
      doc.destroy()
    }
    for (const { doc } of this.pages) doc.destroy()
  }

  #join(n: number): void {
    const doc = new Y.Doc()
    const instance = n % this.#instances.length
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.doc))
    body(doc) // before this, Yjs does not know the root as an element
    const had = Y.decodeStateVector(Y.encodeStateVector(doc))
    const page: Page = { doc, had, online: true, instance }
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'room' && page.online) this.#receive(page, update, true)
    })
    this.pages.push(page)
  }

  #instanceOf(page: Page) {
    return this.#instances[page.instance]!
  }

  #receive(page: Page, update: Uint8Array, fresh: boolean): void {
    this.#sending = page
    this.#instanceOf(page).late.apply(update, { had: page.had, fresh }, PEER)
    this.#sending = undefined
  }

  /** What an instance applied goes to its pages, and what it did not have from the other to that. */
  #tell(n: number, update: Uint8Array, origin: unknown): void {
    for (const page of this.pages) {
      const isTheirs = page === this.#sending && origin === PEER
      if (page.online && page.instance === n && !isTheirs) Y.applyUpdate(page.doc, update, 'room')
    }
    if (origin !== 'log') this.#instances[1 - n]!.late.follow(update, 'log')
  }
}

const textsOf = (doc: Y.Doc): Y.XmlText[] =>
  (body(doc).toArray() as Y.XmlElement[]).flatMap((line) => line.toArray() as Y.XmlText[])

const wordsIn = (text: Y.XmlText): RegExpExecArray[] => [...text.toString().matchAll(/h\d+x\d+ /g)]

/** Where words may be put: not within another. */
const gapsIn = (text: Y.XmlText): number[] => [
  0,
  ...[...text.toString().matchAll(/ /g)].map(({ index }) => index + 1),
]

test('[M21] words that look alike are no moves: each that nobody took away is there once', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), (acts) => {
      const room = new Room()
      const written = new Set<string>()
      const taken = new Set<string>()
      try {
        for (const { who, what, line, at } of acts) {
          const page = room.pages[who]!
          const texts = textsOf(page.doc)
          const text = texts[line % texts.length]!
          const words = wordsIn(text)
          const word = words[at % words.length]
          if (what === 'go') page.online = false
          else if (what === 'come') room.reconnect(page)
          else if (what === 'take' && word) {
            taken.add(word[0])
            text.delete(word.index, word[0].length)
          } else if (what === 'write') {
            const fresh = `h${who}x${written.size + 1} `
            const gaps = gapsIn(text)
            written.add(fresh)
            text.insert(gaps[at % gaps.length]!, fresh)
          } else if (what === 'break' && page.online && texts.length < 6) breakLine(text, at)
        }
        for (const page of room.pages) room.reconnect(page)

        for (const { doc } of room.pages) expect(doc.toJSON()).toEqual(room.doc.toJSON())
        const all = textsOf(room.doc).map(String).join('')
        const times = (word: string) => all.split(word).length - 1
        const wrong = [...written].filter((word) => times(word) !== (taken.has(word) ? 0 : 1))
        expect(wrong.map((word) => `${word}${times(word)} times`)).toEqual([])
      } finally {
        room.close()
      }
    }),
    { numRuns: RUNS },
  )
})

/** Enter between two words, as an editor does it: what stands behind is written again. */
function breakLine(text: Y.XmlText, at: number): void {
  const gaps = gapsIn(text)
  const index = gaps[at % gaps.length]!
  const paragraph = text.parent as Y.XmlElement
  text.doc!.transact(() => {
    const tail = text.toString().slice(index)
    text.delete(index, tail.length)
    const next = new Y.XmlElement('paragraph')
    next.insert(0, [new Y.XmlText(tail)])
    const root = body(text.doc!)
    root.insertAfter(paragraph, [next])
  })
}
