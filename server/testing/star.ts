/**
 * People around a server, for tests of provisional text: each link has two directions and, down,
 * two lanes (socket and SSE) that deliver what runs write in any order and twice. The server part
 * is what a room does with `Suggestions`, without store and sockets: rows are kept in a map, and a
 * restart loads them with the document's bytes into new objects.
 */

import * as Y from 'yjs'
import { endBrokenOff } from '#server/suggestions/broken-off.ts'
import { readErased } from '#server/suggestions/erased/erased.ts'
import type { Place } from '#server/suggestions/place.ts'
import { Recall } from '#server/suggestions/recall.ts'
import { RunText } from '#server/suggestions/run-text.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import type { StoredChunk } from '#server/suggestions/types.ts'
import { decisionMap, suggestionMap } from '#shared/document/shape.ts'
import type { Person } from './editors.ts'

interface Link {
  person: Person
  up: Uint8Array[]
  socket: Uint8Array[]
  lane: Uint8Array[]
  online: boolean
}

type Origin = { kind: 'peer'; link: Link } | { kind: 'run' } | { kind: 'room' }
const ROOM: Origin = { kind: 'room' }
const RUN: Origin = { kind: 'run' }
const NOTHING = (): void => undefined

export interface Settlement {
  chunk: string
  outcome: 'accepted' | 'rejected' | 'reopened'
  user: string
}

export class Star {
  doc: Y.Doc
  suggestions: Suggestions
  readonly rows = new Map<string, StoredChunk>()
  readonly links: Link[] = []
  readonly log: Settlement[] = []
  /** All that was written, as a database's log has it. */
  readonly past: { data: Uint8Array; isSettling: boolean }[] = []
  /** Called around every settlement, with what it is. */
  watch: (settlement: Settlement, settle: () => void) => void = (_, settle) => settle()

  constructor(content: Uint8Array) {
    this.doc = new Y.Doc()
    this.past.push({ data: content, isSettling: false })
    Y.applyUpdate(this.doc, content, ROOM)
    this.suggestions = this.#serve()
  }

  /** A person who has the present content; `send` of the person is the link's to call. */
  join(make: (content: Uint8Array, send: (update: Uint8Array) => void) => Person): Person {
    const link: Link = { person: undefined as never, up: [], socket: [], lane: [], online: true }
    link.person = make(Y.encodeStateAsUpdate(this.doc), (update) => link.up.push(update))
    this.links.push(link)
    return link.person
  }

  /** Says in the document who asked, as a room does when a run begins. */
  register(suggestion: string): void {
    this.doc.transact(() => {
      suggestionMap(this.doc).set(suggestion, {
        run: suggestion,
        author: 'ada',
        authorName: 'Ada',
        kind: 'edit',
        command: 'edit',
        title: 'Edit',
        status: 'finished',
        problem: null,
        createdAt: suggestionMap(this.doc).size,
      })
    }, ROOM)
  }

  run(suggestion: string, client: number, place: Place): RunText {
    return new RunText(this.suggestions, { suggestion, client, place })
  }

  write(pen: RunText, pieces: Parameters<RunText['write']>[0]): ReturnType<RunText['write']> {
    return this.#commit(() => pen.write(pieces, RUN))
  }

  end(pen: RunText): ReturnType<RunText['end']> {
    return this.#commit(() => pen.end(RUN))
  }

  repair(): void {
    this.#commit(() => this.suggestions.repair(ROOM))
  }

  /** What a room does when decisions may have arrived. True if there was anything to do. */
  settle(): boolean {
    let any = false
    const step = (settlement: Settlement, settle: () => void) => {
      any = true
      this.watch(settlement, () => this.#commit(settle))
      this.log.push(settlement)
    }
    const withdrawn = this.suggestions.withdrawn()
    const recall = this.#recall(withdrawn)
    for (const chunk of withdrawn) {
      const user = this.suggestions.book.get(chunk)?.decidedBy ?? ''
      step({ chunk, outcome: 'reopened', user }, () =>
        this.suggestions.reopen(chunk, ROOM, recall?.restorerOf(chunk)),
      )
    }
    recall?.close()
    const outdated = [...this.suggestions.outdated().keys()].map(({ id }) => id)
    if (outdated.length > 0) this.#commit(() => this.suggestions.renew(outdated, ROOM))
    for (const { chunk, user, decision } of this.suggestions.openDecisions()) {
      if (this.suggestions.book.get(chunk)?.state === 'stale' && decision === 'accepted') continue
      const settle = () => this.suggestions.settle([chunk], decision, user, ROOM)
      step({ chunk, outcome: decision, user }, settle)
    }
    const late = this.suggestions.lateKeys()
    this.doc.transact(() => {
      for (const key of late) decisionMap(this.doc).delete(key)
    }, ROOM)
    return any || late.length > 0 || outdated.length > 0
  }

  /** What decisions have taken away that nobody here remembers, found again in the log. */
  #recall(chunks: readonly string[]): Recall | undefined {
    const forgotten = this.suggestions.forgotten(chunks)
    if (forgotten.length === 0) return undefined
    const recall = new Recall(this.doc, this.suggestions.book.areKin)
    recall.read({ snapshot: undefined, updates: this.past }, forgotten)
    return recall
  }

  /**
   * The process dies and another one loads what was committed; `meanwhile` happens before it knows any
   * chunk, `untold` before it has read in the log what had been erased.
   */
  restart({ meanwhile = NOTHING, untold = NOTHING } = {}): void {
    const content = Y.encodeStateAsUpdate(this.doc)
    this.suggestions.destroy()
    this.doc.destroy()
    this.doc = new Y.Doc()
    Y.applyUpdate(this.doc, content, ROOM)
    this.suggestions = this.#serve()
    meanwhile()
    this.suggestions.restore([...this.rows.values()])
    untold()
    const { erased } = this.suggestions
    if (erased) {
      const past = { snapshot: undefined, updates: this.past }
      this.#commit(() => this.suggestions.recall(readErased(past, erased).found))
    }
    const runs = new Set([...this.rows.keys()].map((id) => id.slice(0, id.lastIndexOf('.'))))
    this.#commit(() => [...runs].flatMap((run) => endBrokenOff(this.suggestions, run, ROOM)))
  }

  goOffline(person: Person): void {
    this.#link(person).online = false
  }

  /** Both sides tell each other what they have, as the sync protocol does. */
  goOnline(person: Person): void {
    const link = this.#link(person)
    if (link.online) return
    Object.assign(link, { online: true, up: [], socket: [], lane: [] })
    const up = Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(this.doc))
    this.#receive(link, up)
    link.socket.push(Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(person.doc)))
  }

  /** Delivers what somebody has sent. */
  hear(person: Person): void {
    const link = this.#link(person)
    for (let up = link.up.shift(); up; up = link.up.shift()) this.#receive(link, up)
  }

  /** Delivers one message of somebody's link, chosen by `random`. */
  step(random: () => number): void {
    const link = this.links[Math.floor(random() * this.links.length)]!
    if (!link.online) return
    const queues = [link.up, link.socket, link.lane]
    const queue = queues[Math.floor(random() * queues.length)]!
    const update = queue.shift()
    if (!update) return
    if (queue === link.up) this.#receive(link, update)
    else link.person.receive(update)
  }

  /** Everybody online, everything delivered, everything settled and repaired. */
  quiet(): void {
    for (const { person } of this.links) this.goOnline(person)
    for (let round = 0; round < 200; round++) {
      let any = false
      for (const link of this.links) {
        for (let up = link.up.shift(); up; up = link.up.shift()) {
          this.#receive(link, up)
          any = true
        }
        for (const queue of [link.lane, link.socket]) {
          for (let down = queue.shift(); down; down = queue.shift()) {
            link.person.receive(down)
            any = true
          }
        }
      }
      if (this.suggestions.dirty) any = true
      this.repair()
      if (this.settle()) any = true
      if (!any) return
    }
    throw new Error('the star never becomes quiet: somebody echoes')
  }

  close(): void {
    this.suggestions.destroy()
    this.doc.destroy()
    for (const { person } of this.links) person.close()
  }

  #serve(): Suggestions {
    this.doc.on('update', (update: Uint8Array, origin: Origin | null) => {
      this.past.push({ data: update, isSettling: origin?.kind === 'room' })
      for (const link of this.links) {
        if (origin?.kind === 'peer' && origin.link === link) continue
        link.socket.push(update)
        if (origin === RUN) link.lane.push(update)
      }
    })
    return new Suggestions(this.doc, {
      ownerOf: (client) =>
        this.links.find(({ person }) => person.doc.clientID === client)?.person.name,
      nameOf: (user) => user,
    })
  }

  #receive(link: Link, update: Uint8Array): void {
    this.suggestions.actor = link.person.name
    this.#commit(() => Y.applyUpdate(this.doc, update, { kind: 'peer', link }))
    this.suggestions.actor = null
  }

  #commit<T>(write: () => T): T {
    const result = write()
    for (const row of this.suggestions.takeChanges()) this.rows.set(row.id, row)
    return result
  }

  #link(person: Person): Link {
    return this.links.find((link) => link.person === person)!
  }
}
