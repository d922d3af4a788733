import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silent } from '#server/log.ts'
import type { RoomHold } from '#server/rooms/room-registry.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { type ClientFrame, encodeFrame } from '#shared/protocol/frame.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { Connection, ratesOf } from './connection.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Wire } from './wire.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A connection on a wire of paper, in a room that keeps what it hears. */
function scene() {
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
    pause: () => undefined,
    resume: () => undefined,
  }
  const connection = new Connection({
    wire,
    caller: {
      user: { id: 'ada', name: 'Ada', color: '#000000', createdAt: 0 },
      document: 'plan',
      canWrite: true,
      restored: false,
    },
    limits: LIMITS,
    rates: ratesOf(LIMITS),
    heartbeat: new Heartbeat(LIMITS.pingMs),
    log: silent,
  })
  const room = {
    backPressure: () => undefined,
    join: () => undefined,
    leave: () => undefined,
    receive: (_peer: unknown, frame: ClientFrame) => void heard.push(frame),
  }
  connection.enter({ room, release: () => undefined } as unknown as RoomHold)
  return { connection, heard, closed }
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
