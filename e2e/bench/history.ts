/**
 * The history of a long text, as one author wrote it over several days: bursts of typing, slips
 * taken back, jumps to an earlier place, sentences that go again. Made from a seed, so that it is
 * the same everywhere; its size and shape are those of the well-known real trace of 259,778 edits
 * (182,315 characters typed, 77,463 deleted, about 105,000 left).
 */
import * as Y from 'yjs'
import { Random } from '#server/testing/random.ts'
import { body } from '#shared/document/shape.ts'

export interface HistoryOptions {
  seed: number
  /** Characters typed and characters deleted together. */
  edits: number
}

export interface History {
  /** In the order in which they were made; each holds a hundred edits or so. */
  updates: Uint8Array[]
  /** All of it as one update. */
  state: Uint8Array
  edits: number
}

/** Days of work: each is a page load, and with it a Yjs client of its own. */
const SESSIONS = 20
const EDITS_AN_UPDATE = 100
const PARAGRAPH = 450
const LETTERS = 'etaoinshrdlucmfwypvbgkjqxz'

export function writeHistory({ seed, edits }: HistoryOptions): History {
  const author = new Author(seed)
  const updates: Uint8Array[] = []
  author.doc.on('update', (update: Uint8Array) => updates.push(update))
  while (author.edits < edits) {
    if (author.edits >= (edits / SESSIONS) * author.sessions) author.beginSession()
    author.doc.transact(() => {
      const until = Math.min(edits, author.edits + EDITS_AN_UPDATE)
      while (author.edits < until) author.act(until - author.edits)
    })
  }
  return { updates, state: Y.encodeStateAsUpdate(author.doc), edits: author.edits }
}

class Author {
  readonly doc = new Y.Doc()
  readonly #random: () => number
  readonly #texts: Y.XmlText[] = []
  edits = 0
  sessions = 0
  #current = 0
  #cursor = 0

  constructor(seed: number) {
    this.#random = new Random(seed).next
  }

  beginSession(): void {
    this.sessions++
    this.doc.clientID = 0x2000_0000 + this.#below(0x1000_0000)
    if (this.#texts.length === 0) this.#insertParagraph(0)
  }

  /** One burst: at most `most` edits. */
  act(most: number): void {
    const dice = this.#random()
    if (dice < 0.5) this.#type(Math.min(most, 1 + this.#burst(13)))
    else if (dice < 0.78) this.#erase(Math.min(most, 1 + this.#burst(10)))
    else if (dice < 0.9) this.#goOn()
    else this.#jump()
  }

  #type(count: number): void {
    for (let n = 0; n < count; n++) {
      if (this.#text.length > PARAGRAPH && this.#random() < 0.01) {
        this.#current++
        this.#insertParagraph(this.#current)
      }
      this.#text.insert(this.#cursor++, this.#character())
      this.edits++
    }
  }

  /** Backspace, so many times. */
  #erase(count: number): void {
    for (let n = 0; n < count && this.#cursor > 0; n++) {
      this.#text.delete(--this.#cursor, 1)
      this.edits++
    }
  }

  /** Back to where the text ends. */
  #goOn(): void {
    this.#current = this.#texts.length - 1
    this.#cursor = this.#text.length
  }

  /** To another place, mostly one near by. */
  #jump(): void {
    const reach = this.#random() < 0.7 ? 3 : this.#texts.length
    this.#current = Math.max(0, this.#current - this.#below(reach))
    this.#cursor = this.#below(this.#text.length + 1)
  }

  #insertParagraph(index: number): void {
    const text = new Y.XmlText()
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [text])
    body(this.doc).insert(index, [paragraph])
    this.#texts.splice(index, 0, text)
    this.#cursor = 0
  }

  get #text(): Y.XmlText {
    return this.#texts[this.#current] as Y.XmlText
  }

  #character(): string {
    if (this.#random() < 0.17) return ' '
    return LETTERS[Math.floor(LETTERS.length * this.#random() ** 2)] as string
  }

  #burst(mean: number): number {
    return Math.floor(-Math.log(1 - this.#random()) * mean)
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end)
  }
}
