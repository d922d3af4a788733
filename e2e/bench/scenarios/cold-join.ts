/** D: a long text with a long history, and people who open it. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as Y from 'yjs'
import { type History, writeHistory } from '#e2e/bench/history.ts'
import { Participant, type Place } from '#e2e/bench/participant.ts'
import type { BenchServer } from '#e2e/bench/servers/server.ts'
import { openWindow, residentBytes } from '#e2e/bench/usage.ts'
import { Cursor } from '#e2e/bench/wire/bytes.ts'
import { readClocks } from '#e2e/bench/wire/update-clocks.ts'
import { body } from '#shared/document/shape.ts'
import { KEEPERS, type Metrics, MIB, rounded, type Scenario, type Trial } from './scenario.ts'

export const EDITS = 259_778
const JOINS = 50
const AT_ONCE_UPDATES = 100
/** Hocuspocus stores two seconds after the last edit; nobody's joins are to pay for that. */
const REST_MS = 2_500

export const coldJoin = (name: string, times: number, rounds: number): Scenario => ({
  name,
  does: `a text of ${(times * EDITS).toLocaleString('en-GB')} edits is written, then opened`,
  servers: ['yws', ...KEEPERS],
  rounds,
  columns: [
    { key: 'kb', title: 'doc KB' },
    { key: 'upload', title: 'upload CPU s' },
    { key: 'one', title: '1 join ms' },
    { key: 'fifty', title: `${JOINS} joins ms` },
    { key: 'cpu', title: 'CPU ms / join' },
    { key: 'restartSynced', title: 'restart: synced ms' },
    { key: 'restartContent', title: 'restart: content ms' },
    { key: 'restartFifty', title: `restart, ${JOINS}: ms` },
    { key: 'rss', title: 'RSS MB' },
    { key: 'whole', title: 'whole' },
    { key: 'other', title: 'other CPU %' },
  ],
  run: (trial) => run(trial, times),
})

async function run(trial: Trial, times: number): Promise<Metrics> {
  const edits = trial.quick ? 20_000 : EDITS
  const histories = Array.from({ length: times }, (_, n) => writeHistory({ seed: n + 1, edits }))
  const state = Y.mergeUpdates(histories.map((history) => history.state))
  const server = await trial.start()
  const [room = ''] = await server.rooms(1)
  const place = (n: number) => server.place(room, n)

  const uploading = openWindow(server.pid)
  await upload(place, histories)
  const uploaded = uploading()
  await sleep(REST_MS)

  const singles: number[] = []
  for (let n = 0; n < 5; n++) singles.push((await timeJoins(place, 1, state.length)).ms)
  const waves = times > 1 ? 1 : 4
  const fifty: number[] = []
  const joining = openWindow(server.pid)
  for (let n = 0; n < waves; n++) fifty.push((await timeJoins(place, JOINS, state.length)).ms)
  const joined = joining()
  const rss = residentBytes(server.pid)
  const whole = await isWhole(await place(0), state)

  const restarted =
    server.name === 'yws' ? undefined : await afterRestart(server, place, 1, state.length)
  const restartedFifty =
    server.name === 'yws' ? undefined : await afterRestart(server, place, JOINS, state.length)
  return {
    kb: rounded(state.length / 1024),
    upload: rounded(uploaded.serverMs / 1000),
    one: rounded(median(singles)),
    fifty: rounded(median(fifty)),
    cpu: rounded(joined.serverMs / (JOINS * waves)),
    restartSynced: restarted ? rounded(restarted.syncedMs) : null,
    restartContent: restarted ? rounded(restarted.ms) : null,
    restartFifty: restartedFifty ? rounded(restartedFifty.ms) : null,
    rss: rounded(rss / MIB),
    whole,
    other: rounded(joined.otherPercent),
  }
}

type PlaceOf = (n: number) => Promise<Place>

/** Each history by an author of its own; one who watches tells when everything has arrived. */
async function upload(place: PlaceOf, histories: readonly History[]): Promise<void> {
  const missing = histories.map(({ state }) => {
    const ends = new Map<number, number>()
    readClocks(state, (client, end) => ends.set(client, end))
    return ends
  })
  const all = new Map(missing.flatMap((ends) => [...ends.keys()].map((client) => [client, ends])))
  const cursor = new Cursor()
  const hear = (client: number, end: number) => {
    const ends = all.get(client)
    if (end >= (ends?.get(client) ?? Number.POSITIVE_INFINITY)) ends?.delete(client)
  }
  const watcher = await Participant.join({
    place: await place(0),
    onUpdate: (update) => readClocks(update, hear, cursor),
  })
  for (const [n, { updates }] of histories.entries()) {
    const author = await Participant.join({ place: await place(n + 1) })
    for (let at = 0; at < updates.length; at += AT_ONCE_UPDATES) {
      author.sendAll(updates.slice(at, at + AT_ONCE_UPDATES))
      await sleep(1)
    }
    await until(() => missing[n]?.size === 0 || author.closed !== 0, 30_000)
    if (missing[n]?.size !== 0) {
      throw new Error(`the upload did not arrive (closed: ${author.closed})`)
    }
    author.leave()
  }
  watcher.leave()
}

interface Joined {
  syncedMs: number
  /** Until the last of them had the text. */
  ms: number
}

async function timeJoins(place: PlaceOf, count: number, bytes: number): Promise<Joined> {
  const places = await Promise.all(Array.from({ length: count }, (_, n) => place(n)))
  const begin = performance.now()
  let syncedMs = 0
  const people = await Promise.all(
    places.map(async (place) => {
      let heard = 0
      const content = Promise.withResolvers<void>()
      const participant = await Participant.join({
        place,
        onUpdate: ({ length }) => {
          heard += length
          // Each server collects garbage in its own way, so sizes differ a little.
          if (heard > bytes * 0.8) content.resolve()
        },
      })
      syncedMs = performance.now() - begin
      await Promise.race([content.promise, sleep(20_000, undefined, { ref: false })])
      return participant
    }),
  )
  const ms = performance.now() - begin
  for (const participant of people) participant.leave()
  return { syncedMs, ms }
}

async function afterRestart(
  server: BenchServer,
  place: PlaceOf,
  joins: number,
  bytes: number,
): Promise<Joined> {
  await server.terminate()
  await server.restart()
  return timeJoins(place, joins, bytes)
}

/** Whether one who joins gets the very text that was written. */
async function isWhole(place: Place, state: Uint8Array): Promise<boolean> {
  const written = new Y.Doc()
  Y.applyUpdate(written, state)
  const doc = new Y.Doc()
  const participant = await Participant.join({
    place,
    onUpdate: (update) => Y.applyUpdate(doc, Uint8Array.from(update)),
  })
  const text = textOf(written)
  // Gloss's documents begin with an empty paragraph of its own.
  await until(() => textOf(doc) === text, 1_000)
  participant.leave()
  return textOf(doc) === text
}

const textOf = (doc: Y.Doc): string =>
  body(doc)
    .toArray()
    .map(String)
    .filter((paragraph) => paragraph !== '<paragraph></paragraph>')
    .join('')

async function until(condition: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms
  while (!condition() && performance.now() < end) await sleep(5)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
