/**
 * Narrows the wire of a page that is older than this server. Such a page writes when others do, so
 * it is shown nothing more; but what its person has typed is taken and acknowledged. It is told to
 * look how the document stands: there it finds a newer schema, stops by itself and says "Reload".
 */
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { decodeFrame, encodeFrame, type Frame } from '#shared/protocol/frame.ts'
import type { Ear, Wire } from './wire.ts'

/** So long for the last words of a page to come; one that has not stopped then comes again. */
const LEAVING_MS = 10_000
/** The awareness client that stands for the document itself: pages look when it has changed. */
const NEWS = 0

/** What such a page is told: that something is asked of it, and what of its words is safe. */
const TOLD: ReadonlySet<Frame['kind']> = new Set(['sync-step-1', 'ack', 'nack'])
/** What is heard of it: its words, and not where its caret is. */
const HEARD: ReadonlySet<Frame['kind']> = new Set(['sync-step-2', 'update'])

export function outdatedWire(wire: Wire, leavingMs = LEAVING_MS): Wire {
  const timer = setTimeout(() => wire.close(CLOSE.restart, 'outdated'), leavingMs)
  timer.unref()
  return {
    get open() {
      return wire.open
    },
    get waiting() {
      return wire.waiting
    },
    listen: (ear) => {
      wire.listen(narrowed(ear, () => clearTimeout(timer)))
      wire.send(hint(Date.now()))
    },
    send: (frame) => {
      if (TOLD.has(decodeFrame(frame).kind)) wire.send(frame)
    },
    ping: () => wire.ping(),
    close: (code, reason) => wire.close(code, reason),
    drop: (code, reason) => wire.drop(code, reason),
    terminate: () => wire.terminate(),
    pause: () => wire.pause(),
    resume: () => wire.resume(),
  }
}

function narrowed(ear: Ear, ended: () => void): Ear {
  return {
    message: (frame) => (isHeard(frame) ? ear.message(frame) : ear.heard()),
    heard: () => ear.heard(),
    progress: () => ear.progress(),
    failed: (error) => ear.failed(error),
    closed: () => {
      ended()
      ear.closed()
    },
  }
}

/** What is no frame is heard too: it costs its sender the connection, as everybody's. */
function isHeard(frame: Uint8Array): boolean {
  try {
    return HEARD.has(decodeFrame(frame).kind)
  } catch {
    return true
  }
}

/** Its clock is the time: whatever the page has heard of this client before is older. */
function hint(now: number): Uint8Array {
  const state = new TextEncoder().encode(JSON.stringify({ changed: now }))
  const varuint = (n: number): number[] =>
    n < 128 ? [n] : [(n & 127) | 128, ...varuint(Math.floor(n / 128))]
  const clock = varuint(Math.floor(now / 1_000))
  const update = Uint8Array.from([1, NEWS, ...clock, ...varuint(state.length), ...state])
  return encodeFrame({ kind: 'awareness', update })
}
