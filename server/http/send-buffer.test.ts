import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { encodeFrame } from '#shared/protocol/frame.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { SendBuffer } from './send-buffer.ts'
import type { Wire } from './wire.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A wire that nobody reads from, until they do. */
function reader() {
  const told = { caughtUp: 0, replied: 0, tooSlow: 0 }
  const it = { waiting: 0, open: true }
  const wire = {
    get open() {
      return it.open
    },
    get waiting() {
      return it.waiting
    },
    send: (frame: Uint8Array) => {
      it.waiting += frame.length
    },
  } as Wire
  const out = new SendBuffer(wire, LIMITS, {
    caughtUp: () => void told.caughtUp++,
    replied: () => void told.replied++,
    tooSlow: () => void told.tooSlow++,
  })
  const take = (bytes: number) => {
    it.waiting -= bytes
    out.progress()
  }
  return { out, told, take, wire: it }
}

const some = (length: number) => new Uint8Array(length).fill(9)

test('[W50] a reader is behind from one byte more than may wait until it has read everything', () => {
  const { out, told, take } = reader()
  out.send(some(LIMITS.sendCoalesceBytes))
  expect(out.behind).toBe(false)

  out.send(some(1))
  expect(out.behind).toBe(true)
  take(LIMITS.sendCoalesceBytes)
  expect(out.behind).toBe(true)
  expect(told.caughtUp).toBe(0)
  take(1)

  expect(out.behind).toBe(false)
  expect(told).toEqual({ caughtUp: 1, replied: 0, tooSlow: 0 })
})

test('[W51] a send buffer of the limit is kept, one byte more closes; a whole reply does not count', () => {
  const { out, told } = reader()
  const reply = encodeFrame({ kind: 'sync-step-2', update: some(3 * LIMITS.sendCloseBytes) })
  out.send(reply)
  out.send(some(LIMITS.sendCloseBytes))
  expect(told.tooSlow).toBe(0)

  out.send(some(1))

  expect(told).toEqual({ caughtUp: 0, replied: 0, tooSlow: 1 })
})

test('[W52] who takes nothing for the time allowed is too slow; who takes a little is not', () => {
  const { out, told, take } = reader()
  out.send(some(1_000))
  for (let seconds = 0; seconds < 60; seconds += 5) {
    vi.advanceTimersByTime(5_000)
    take(10)
  }
  expect(told.tooSlow).toBe(0)

  vi.advanceTimersByTime(LIMITS.sendDrainMs)
  expect(told.tooSlow).toBe(0)
  vi.advanceTimersByTime(LIMITS.sendDrainMs / 4 + 1)

  expect(told.tooSlow).toBe(1)
  out.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('[W53] a reply is told as read when all of it is, whatever follows it', () => {
  const { out, told, take } = reader()
  const reply = encodeFrame({ kind: 'sync-step-2', update: some(1_000) })
  out.send(reply)
  out.send(some(500))
  take(reply.length - 1)
  expect(told.replied).toBe(0)
  take(1)

  expect(told.replied).toBe(1)
  expect(vi.getTimerCount()).toBe(1)
  take(500)
  expect(vi.getTimerCount()).toBe(0)
})
