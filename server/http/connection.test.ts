import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silent } from '#server/log.ts'
import { Metrics } from '#server/metrics.ts'
import { Backlog } from '#server/rooms/backlog.ts'
import type { RoomHold } from '#server/rooms/room-registry.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { type ClientFrame, encodeFrame } from '#shared/protocol/frame.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { Connection } from './connection.ts'
import { Heartbeat } from './heartbeat.ts'
import { ratesOf } from './rates.ts'
import type { Wire } from './wire.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A connection on a wire of paper, and a room that keeps what it hears. */
function arrival() {
  const metrics = new Metrics()
  const backlog = new Backlog({ metrics, limits: LIMITS })
  let reading = true
  const heard: ClientFrame[] = []
  const closed: number[] = []
  const wire: Wire = {
    open: true,
    waiting: 0,
    listen: () => undefined,
    send: () => undefined,
    ping: () => undefined,
    close: (code) => void closed.push(code),
    drop: (code) => void closed.push(code),
    terminate: () => void closed.push(1006),
    pause: () => {
      reading = false
    },
    resume: () => {
      reading = true
    },
  }
  const connection = new Connection({
    wire,
    caller: {
      user: { id: 'ada', name: 'Ada', color: '#000000', createdAt: 0 },
      document: 'plan',
      canWrite: true,
      restored: false,
      outdated: false,
    },
    limits: LIMITS,
    rates: ratesOf(LIMITS),
    heartbeat: new Heartbeat(LIMITS.pingMs),
    backlog,
    log: silent,
    metrics,
  })
  const room = {
    backPressure: () => undefined,
    join: () => undefined,
    leave: () => undefined,
    receive: (_peer: unknown, frame: ClientFrame) => void heard.push(frame),
  }
  return {
    connection,
    heard,
    closed,
    metrics,
    reads: () => reading,
    enter: () => connection.enter({ room, release: () => undefined } as unknown as RoomHold),
    counted: async () => (await metrics.unackedBytes.get()).values[0]?.value ?? 0,
  }
}

function scene() {
  const it = arrival()
  it.enter()
  return it
}

const presence = (n: number) =>
  encodeFrame({ kind: 'awareness', update: Uint8Array.of(1, 7, n, 2, 123, 125) })

test('[H117] twenty presences in a second are taken at once; the next waits, and only the last of those', () => {
  const { connection, heard } = scene()

  for (let n = 1; n <= LIMITS.awarenessPerSecond; n++) connection.message(presence(n))
  expect(heard).toHaveLength(20)
  for (let n = 21; n <= 25; n++) connection.message(presence(n))
  expect(heard).toHaveLength(20)
  vi.advanceTimersByTime(1_000 / LIMITS.awarenessPerSecond + 1)

  expect(heard).toHaveLength(21)
  expect(heard.at(-1)).toMatchObject({ update: Uint8Array.of(1, 7, 25, 2, 123, 125) })
  connection.closed()
  expect(vi.getTimerCount()).toBe(0)
})

test('[W91] an echo of somebody else’s presence does not displace one’s own that waits', () => {
  const { connection, heard } = scene()
  const own = presence(21)
  const echo = (client: number) =>
    encodeFrame({ kind: 'awareness', update: Uint8Array.of(1, client, 1, 2, 123, 125) })
  for (let n = 1; n <= LIMITS.awarenessPerSecond; n++) connection.message(presence(n))

  connection.message(own)
  for (const client of [8, 9, 8]) connection.message(echo(client))
  vi.advanceTimersByTime(1_000 / LIMITS.awarenessPerSecond + 1)

  expect(heard.slice(LIMITS.awarenessPerSecond)).toHaveLength(3)
  expect(heard).toContainEqual({ kind: 'awareness', update: Uint8Array.of(1, 7, 21, 2, 123, 125) })
  connection.closed()
})

test('[H118] a burst of three hundred messages is taken, and the one after it closes with 4529', () => {
  const { connection, closed } = scene()

  for (let n = 0; n < LIMITS.messagesBurst; n++) connection.heard()
  expect(closed).toEqual([])
  connection.heard()

  expect(closed).toEqual([CLOSE.tooMany])
  connection.closed()
})

test('[H119] silence of forty-five seconds is borne, and not much more', () => {
  const { connection, closed } = scene()

  vi.advanceTimersByTime(LIMITS.deadMs)
  expect(closed).toEqual([])
  vi.advanceTimersByTime(LIMITS.pingMs + 1_000)

  expect(closed[0]).toBe(1006)
  connection.closed()
  expect(vi.getTimerCount()).toBe(0)
})

test('[H241] whoever is closed for its rates is counted among those whom a limit refused', async () => {
  const { connection, metrics } = scene()
  for (let n = 0; n <= LIMITS.messagesBurst; n++) connection.heard()
  connection.closed()
  const other = scene()
  const question = encodeFrame({ kind: 'query-awareness' })
  for (let n = 0; n <= LIMITS.syncStep1PerMinute; n++) other.connection.message(question)
  other.connection.closed()

  expect((await metrics.limitRefused.get()).values).toMatchObject([
    { labels: { scope: 'ws', kind: 'messages' }, value: 1 },
  ])
  expect((await other.metrics.limitRefused.get()).values).toMatchObject([
    { labels: { scope: 'ws', kind: 'requests' }, value: 1 },
  ])
})

const large = (bytes: number) => encodeFrame({ kind: 'update', update: new Uint8Array(bytes) })

test('[H242] what is said before the room is open is counted, beyond a little left with the client, and heard in its order', async () => {
  const { connection, heard, reads, enter, counted } = arrival()
  const small = large(10)

  connection.message(small)
  expect(await counted()).toBe(small.length)
  expect(reads()).toBe(true)
  connection.message(large(100_000))
  expect(reads()).toBe(false)
  enter()

  expect(heard.map((frame) => 'update' in frame && frame.update.length)).toEqual([10, 100_000])
  expect(await counted()).toBe(0)
  expect(reads()).toBe(true)
  connection.closed()
})

test('[H242] of one that goes before its room is open nothing stays counted', async () => {
  const { connection, closed, counted } = arrival()
  const most = LIMITS.bytesBurst
  for (let n = 0; n < 3; n++) connection.message(large(most / 3))
  expect(closed).toEqual([CLOSE.later])
  expect(await counted()).toBeGreaterThan(most)

  connection.closed()

  expect(await counted()).toBe(0)
})
