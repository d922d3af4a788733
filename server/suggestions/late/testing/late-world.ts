/**
 * LateWorld joins people's editors by a server part that applies what they send with LateWords, as
 * a room does, without store and sockets. What is on its way waits until a test lets it arrive.
 */
import * as Y from 'yjs'
import type { Piece } from '#server/suggestions/late/piece.ts'
import { Person } from '#server/testing/editors.ts'
import { body } from '#shared/document/shape.ts'
import { LateWords } from '../late-words.ts'

const PEER = 'peer'
const ROOM = 'room'
const SERVER = 5
/** Pages' clients are above those that the room takes for late words, as nearly always. */
const FIRST_PERSON = 2 ** 24
const FIRST_LATE = 10

interface Link {
  person: Person
  client: number
  up: Uint8Array[]
  down: Uint8Array[]
  online: boolean
  /** What the person had when they came, or came back. */
  had: Map<number, number>
}

/** A line of the first content: a paragraph, unless it begins with `## `, `> ` or `- `. */
export class LateWorld {
  readonly doc = new Y.Doc()
  readonly late: LateWords
  /** Characters whose place was gone without a copy. */
  rescued = 0
  /** Updates that the server wrote. */
  answers = 0
  readonly #links: Link[] = []
  #written: { update: Uint8Array; origin: unknown }[] = []
  #next = FIRST_LATE

  /** The room's clients for late words are counted up, or by chance as in a real room. */
  constructor(lines: readonly string[], clients: 'counted' | 'by chance' = 'counted') {
    const first = new Y.Doc()
    first.clientID = 1
    body(first).push(blocksOf(lines))
    this.doc.clientID = SERVER
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(first))
    this.late = new LateWords({
      doc: this.doc,
      origin: ROOM,
      newClient: clients === 'counted' ? () => this.#next++ : undefined,
      ownerOf: (client) => this.#links.find((link) => link.client === client)?.person.name,
      onMoved: () => undefined,
      rescue: (pieces, at) => this.#rescue(pieces, at),
    })
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === ROOM) this.answers++
      this.#written.push({ update, origin })
    })
  }

  get people(): Person[] {
    return this.#links.map(({ person }) => person)
  }

  /** The server's document: its blocks in their order, see `linesOf`. */
  get lines(): string {
    return linesOf(this.doc)
  }

  join(name: string): Person {
    const client = FIRST_PERSON + this.#links.length
    const up: Uint8Array[] = []
    const content = Y.encodeStateAsUpdate(this.doc)
    const person = new Person(name, { client, content, send: (update) => up.push(update) })
    const had = Y.decodeStateVector(Y.encodeStateVector(person.doc))
    this.#links.push({ person, client, up, down: [], online: true, had })
    return person
  }

  /** What was sent before arrives; what others write is kept from this person. */
  cutOff(person: Person): void {
    const link = this.#linkOf(person)
    for (const update of link.up.splice(0)) this.#receive(link, update)
    link.online = false
    link.down = []
  }

  /** A connection that breaks when this person has heard everything, before an edit of theirs arrives. */
  hearInVain(person: Person): void {
    person.receive(Y.encodeStateAsUpdate(this.doc))
  }

  /** Edits made offline arrive as they were made. */
  reconnect(person: Person): void {
    const link = this.#linkOf(person)
    if (link.online) return
    link.online = true
    const had = Y.encodeStateVector(person.doc)
    link.had = Y.decodeStateVector(had)
    for (const update of link.up.splice(0)) this.#receive(link, update)
    link.down = [Y.encodeStateAsUpdate(this.doc, had)]
  }

  isOnline(person: Person): boolean {
    return this.#linkOf(person).online
  }

  /** The next update of this person's arrives at the server. */
  send(person: Person): void {
    this.#arriveUp(this.#linkOf(person))
  }

  /** The next update that is on its way to this person arrives. */
  hear(person: Person): void {
    this.#arriveDown(this.#linkOf(person))
  }

  /** One update arrives somewhere, if there is one on the way that chance picks. */
  step(chance: () => number): void {
    const link = this.#links[Math.floor(chance() * this.#links.length)]
    if (!link?.online) return
    if (chance() < 0.5) this.#arriveUp(link)
    else this.#arriveDown(link)
  }

  /** All that is on its way arrives: the first person's first, or in another order of people. */
  settle(order: readonly Person[] = this.people): void {
    for (const person of order) this.reconnect(person)
    const links = order.map((person) => this.#linkOf(person))
    for (let moves = true; moves; ) {
      moves = false
      for (const link of links) {
        while (this.#arriveUp(link)) moves = true
        while (this.#arriveDown(link)) moves = true
      }
    }
  }

  close(): void {
    for (const { person } of this.#links) person.close()
    this.late.close()
    this.doc.destroy()
  }

  #linkOf(person: Person): Link {
    const link = this.#links.find((one) => one.person === person)
    if (!link) throw new Error(`${person.name} is not here`)
    return link
  }

  #arriveUp(link: Link): boolean {
    const update = link.up.shift()
    if (update) this.#receive(link, update)
    return update !== undefined
  }

  #arriveDown({ person, down }: Link): boolean {
    const update = down.shift()
    if (update) person.receive(update)
    return update !== undefined
  }

  #receive(link: Link, update: Uint8Array): void {
    this.late.apply(update, { fresh: true, had: link.had }, PEER)
    const all = this.#written.splice(0)
    const answers = all.filter(({ origin }) => origin !== PEER)
    for (const other of this.#links) {
      const part = other === link ? answers : all
      if (other.online && part.length > 0) {
        other.down.push(Y.mergeUpdates(part.map((one) => one.update)))
      }
    }
  }

  #rescue(pieces: readonly Piece[], at: number): void {
    for (const { segments } of pieces) {
      this.rescued += segments.reduce((sum, { text }) => sum + text.length, 0)
      const block = new Y.XmlElement('paragraph')
      const text = new Y.XmlText()
      block.insert(0, [text])
      body(this.doc).insert(at, [block])
      this.late.writer.write({ text, index: 0 }, segments)
    }
  }
}

const MARKS: Readonly<Record<string, string>> = { heading: '## ', quote: '> ', list: '- ' }

/** `## Title / words <linked> words / - item item`. */
export function linesOf(doc: Y.Doc): string {
  const blocks = body(doc).toArray() as Y.XmlElement[]
  return blocks.map((block) => (MARKS[block.nodeName] ?? '') + textIn(block)).join(' / ')
}

function textIn(type: unknown): string {
  if (type instanceof Y.XmlText) {
    const delta = type.toDelta() as { insert: unknown }[]
    return delta.map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('')
  }
  if (!(type instanceof Y.XmlElement)) return ''
  const inner = type.toArray().map(textIn)
  if (type.nodeName === 'list') return inner.join(' ')
  return type.nodeName === 'link' ? `<${inner.join('')}>` : inner.join('')
}

/** Lines that begin with `- ` and stand together are one list. */
function blocksOf(lines: readonly string[]): Y.XmlElement[] {
  const blocks: Y.XmlElement[] = []
  let list: Y.XmlElement | undefined
  for (const line of lines) {
    const [name, mark] = Object.entries(MARKS).find(([, one]) => line.startsWith(one)) ?? [
      'paragraph',
      '',
    ]
    const block = new Y.XmlElement(name === 'list' ? 'listitem' : name)
    block.insert(0, [new Y.XmlText(line.slice(mark.length))])
    if (name === 'heading') block.setAttribute('__tag', 'h2')
    if (name !== 'list') {
      list = undefined
      blocks.push(block)
      continue
    }
    if (!list) {
      list = new Y.XmlElement('list')
      blocks.push(list)
    }
    list.push([block])
  }
  return blocks
}
