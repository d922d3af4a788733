/**
 * The invariants I1–I16, each a pure look at the ledger and the truth: what it finds wrong, in
 * words; empty where it holds.
 */
import * as Y from 'yjs'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { suggestionOf } from '#shared/document/shape.ts'
import { isTerminal } from '#shared/protocol/event.ts'
import type { LaneFollower } from './lane-follower.ts'
import { difference, type TrueDocument } from './truth.ts'
import type { Typist } from './typist.ts'
import { personsWords, textBy, tokensIn } from './words.ts'

/** What people had been promised at one moment. */
export interface Promised {
  inserts: string[]
  erases: string[]
  /** Everything anybody took away by then or later, promised or not. */
  erased: () => Set<string>
}

export function promisedTo(present: readonly Typist[]): Promised {
  // Some may leave before the truth is read.
  const people = [...present]
  const edits = people.flatMap(({ client }) => client.edits)
  const promised = edits.filter(({ promisedAt }) => promisedAt !== undefined)
  return {
    inserts: promised.filter(({ op }) => op === 'insert').map(({ word }) => word),
    erases: promised.filter(({ op }) => op === 'erase').map(({ word }) => word),
    erased: () =>
      new Set(
        people.flatMap(({ client }) =>
          client.edits.flatMap(({ op, word }) => (op === 'erase' ? [word] : [])),
        ),
      ),
  }
}

/** I1 */
export function lostInserts({ inserts, erased }: Promised, truth: TrueDocument): string[] {
  const there = new Set(personsWords(truth.doc))
  const taken = erased()
  return inserts
    .filter((word) => !there.has(word) && !taken.has(word))
    .map((word) => `${word} was acknowledged and is lost`)
}

/** I2 */
export function lostErases({ erases }: Promised, truth: TrueDocument): string[] {
  const there = new Set(personsWords(truth.doc))
  return erases.filter((word) => there.has(word)).map((word) => `${word} is back`)
}

/** I3 */
export function doubled({ doc }: TrueDocument): string[] {
  const seen = new Set<string>()
  return personsWords(doc).flatMap((word) => {
    const again = seen.has(word)
    seen.add(word)
    return again ? [`${word} is there twice`] : []
  })
}

/** I4 */
export function unwritten(people: readonly Typist[], { doc }: TrueDocument): string[] {
  const written = new Set(people.flatMap(({ client }) => client.written))
  return personsWords(doc)
    .filter((word) => !written.has(word))
    .map((word) => `nobody wrote ${word}`)
}

/** I5, of the clients; of the instances world-end.ts asks over HTTP. */
export function diverged(people: readonly Typist[], { doc }: TrueDocument): string[] {
  return people.flatMap(({ client, person }) => {
    const differs = difference(client.doc, doc)
    return differs ? [`person ${person} has ${differs} than the log`] : []
  })
}

/** I6 */
export const pending = ({ doc }: TrueDocument): string[] =>
  doc.store.pendingStructs || doc.store.pendingDs ? ['the log holds pending structs'] : []

/** I7 */
export function broken(people: readonly Typist[], truth: TrueDocument): string[] {
  const ahead = people.filter(({ client }) => client.head > truth.head)
  return [
    ...truth.damage,
    ...ahead.map(({ person }) => `person ${person} was told a head beyond ${truth.head}`),
  ]
}

/** What everybody sees at one moment, to be held against a truth that is read later. */
export interface Seen {
  person: number
  own: number
  clocks: Map<number, number>
}

export const seenBy = (people: readonly Typist[]): Seen[] =>
  people.map(({ person, client }) => ({
    person,
    own: client.doc.clientID,
    clocks: Y.decodeStateVector(Y.encodeStateVector(client.doc)),
  }))

/** I8: what was seen of others is in the log that was read afterwards. */
export function peeked(seen: readonly Seen[], { doc }: TrueDocument): string[] {
  return seen.flatMap(({ person, own, clocks }) =>
    [...clocks].flatMap(([client, clock]) => {
      const committed = Y.getState(doc.store, client)
      if (client === own || clock <= committed) return []
      return [`person ${person} saw ${client} up to ${clock}, committed is ${committed}`]
    }),
  )
}

/** I9 and I10: what runs wrote, and what became of it. */
export function runFaults(
  { doc, runs, events, chunks }: TrueDocument,
  sentences: number,
): { order: string[]; outcome: string[] } {
  const order: string[] = []
  const outcome: string[] = []
  for (const { id, status, client } of runs) {
    const said = tokensIn(
      `${events.flatMap(({ type, run, data }) => (type === 'run.delta' && run === id ? [deltaText(data)] : [])).join('')} `,
    )
    const there = tokensIn(`${textBy(doc, client)} `)
    if (said.some((token, at) => token !== at + 1)) order.push(`run ${id} said ${said.join(' ')}`)
    if (there.some((token, at) => at > 0 && token <= there[at - 1]!)) {
      order.push(`run ${id} stands as ${there.join(' ')}`)
    }
    const own = chunks.filter((chunk) => suggestionOf(chunk.id) === id)
    const isWhole = own.every(({ state }) => state !== 'rejected')
    if (isWhole && there.length !== said.length) {
      outcome.push(`run ${id}: ${there.length} of ${said.length} tokens are left, none rejected`)
    }
    const end = events.find(({ type, run }) => type === 'run.finished' && run === id)
    if (end?.data.includes('"reason":"stop"') && said.length !== sentences) {
      outcome.push(`run ${id} is ${status} after ${said.length} of ${sentences} tokens`)
    }
  }
  const states = new Map(chunks.map(({ id, state }) => [id, state]))
  for (const chunk of chunks) {
    if (chunk.state !== 'rejected') continue
    const left = chunk.ins.reduce((sum, range) => sum + charactersLeft(doc, range), 0)
    if (left > 0) outcome.push(`${left} characters of rejected ${chunk.id} are left`)
  }
  for (const { flag } of readBlocks(doc, 'inline').flatMap(({ inlines }) => inlines)) {
    const state = flag && states.get(flag.chunk)
    if (state === 'accepted' || state === 'rejected') {
      outcome.push(`${flag?.chunk} is ${state} and still marked`)
    }
  }
  return { order, outcome }
}

function deltaText(data: string): string {
  const { text } = JSON.parse(data) as { text: string }
  return text
}

function charactersLeft(
  doc: Y.Doc,
  { client, from, to }: { client: number; from: number; to: number },
): number {
  let left = 0
  for (const item of doc.store.clients.get(client) ?? []) {
    const { clock } = item.id
    if (clock + item.length <= from || clock >= to || item.deleted) continue
    if (!(item instanceof Y.Item) || !(item.content instanceof Y.ContentString)) continue
    left += Math.min(clock + item.length, to) - Math.max(clock, from)
  }
  return left
}

/** I11: nothing was reopened here, so each chunk was decided one way. */
export function decidedTwice({ events }: TrueDocument): string[] {
  const decided = new Map<string, string>()
  return events.flatMap(({ type, data }) => {
    if (type !== 'suggestion.decided') return []
    const said = JSON.parse(data) as { suggestion: string; chunks: number[]; decision: string }
    return said.chunks.flatMap((n) => {
      const chunk = `${said.suggestion}.${n}`
      const before = decided.get(chunk)
      decided.set(chunk, said.decision)
      return before && before !== said.decision
        ? [`${chunk}: ${before}, then ${said.decision}`]
        : []
    })
  })
}

/** I12 */
export function laneFaults(lanes: readonly LaneFollower[], truth: TrueDocument): string[] {
  const { events, eventHead, runs } = truth
  const faults: string[] = []
  if (events.some(({ n }, at) => n !== at + 1) || events.length !== eventHead) {
    faults.push(`the event log has ${events.length} of ${eventHead} events, or gaps`)
  }
  for (const { id, endedAt } of runs) {
    const ends = events.filter(({ run, type }) => run === id && isTerminal(type)).length
    if (ends !== (endedAt === null ? 0 : 1)) faults.push(`run ${id} has ${ends} ends`)
    if (endedAt === null) faults.push(`run ${id} has not ended`)
  }
  lanes.forEach(({ heard, resets }, reader) => {
    const wrong = heard.find(({ id }, at) => id !== at + 1)
    if (wrong) faults.push(`reader ${reader} heard ${wrong.id} out of turn`)
    if (heard.some(({ id, data }) => events[id - 1]?.data !== data)) {
      faults.push(`reader ${reader} heard what the log does not say`)
    }
    if (heard.length !== eventHead) {
      faults.push(`reader ${reader} heard ${heard.length} of ${eventHead}, ${resets} resets`)
    }
  })
  return faults
}

/** I16: each row was written by the owner, a person with the right, a run or the room. */
export function strangers({ rows, runs }: TrueDocument, writers: ReadonlySet<string>): string[] {
  const known = new Set([...writers, ...runs.map(({ id }) => id), 'room'])
  return rows
    .filter(({ actor }) => !known.has(actor))
    .map(({ seq, actor }) => `row ${seq} was written by ${actor}`)
}
