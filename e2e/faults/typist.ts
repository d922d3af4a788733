/** A person at a keyboard, scripted: writes words of its own, takes away words of anybody. */
import * as Y from 'yjs'
import { api, type Guest, NodeClient } from '#e2e/node-client.ts'
import type { Random } from '#server/testing/random.ts'
import { body } from '#shared/document/shape.ts'
import { personsWord, personsWords } from './words.ts'

const ERASES = 0.4
/** How often a word goes into another paragraph than the first: a run may be writing there. */
const ELSEWHERE = 0.25

export class Typist {
  readonly guest: Guest
  readonly client: NodeClient
  readonly person: number
  readonly #random: Random
  #words = 0

  constructor(options: {
    person: number
    url: string
    guest: Guest
    document: string
    random: Random
  }) {
    this.person = options.person
    this.guest = options.guest
    this.#random = options.random
    this.client = new NodeClient(options.url, options.guest, options.document)
  }

  /** One edit; none before the document has come for the first time. */
  step(): void {
    const { doc } = this.client
    const blocks = body(doc).length
    if (blocks === 0) return
    const random = this.#random
    if (random.chance(ERASES)) {
      const words = personsWords(doc)
      if (words.length > 0 && this.client.erase(random.pick(words))) return
    }
    const block = random.chance(ELSEWHERE) ? random.below(blocks) : 0
    this.client.type(personsWord(this.person, ++this.#words), random.next(), block)
  }

  /** So many characters at once into a line of their own; no word of the ledger. */
  paste(characters: number): void {
    const { doc } = this.client
    if (body(doc).length === 0) return
    const text = new Y.XmlText('z'.repeat(characters))
    const line = new Y.XmlElement('paragraph')
    line.insert(0, [text])
    body(doc).insert(body(doc).length, [line])
  }

  /** Takes the last block away, where it is one that was pasted. */
  unpaste(): void {
    const blocks = body(this.client.doc)
    const last = blocks.get(blocks.length - 1)
    if (last instanceof Y.XmlElement && /^<paragraph[^>]*>z/.test(last.toString().slice(0, 40))) {
      blocks.delete(blocks.length - 1, 1)
    }
  }

  call(url: string, method: string, path: string, json?: object): Promise<unknown> {
    return api(url, this.guest, method, path, json)
  }

  close(): void {
    this.client.close()
  }
}
