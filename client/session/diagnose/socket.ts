/** Socket checks that a socket comes through, is answered, and stays when nobody says anything. */
import { decodeFrame, encodeFrame, type Frame } from '#shared/protocol/frame.ts'
import { type Probing, seconds, type Verdict } from './check.ts'

const OPEN_MS = 8_000
const NOTHING = Uint8Array.of(0)
const NO_CHANGE = Uint8Array.of(0, 0)
/**
 * How often an answer is asked for. The quickest counts: a page that stood still for a moment (6 s
 * were seen on a crowded machine) says nothing about the way to the server.
 */
const ASKS = 3
/** Beyond this one feels it. */
const SLOW_MS = 1_000

export type SocketFacts =
  | { opened: false; afterMs: number; code: number }
  /**
   * `ackMs`, the quickest answer, is undefined where nothing was answered; `diedAfterMs`, the
   * silence before the end, where it stayed.
   */
  | { opened: true; ackMs: number | undefined; diedAfterMs: number | undefined; code: number }

/** Syncs a document without changing it: what is sent is empty, and is acknowledged all the same. */
export function probeSocket(document: string, { idleMs }: Probing): Promise<SocketFacts> {
  return new Promise((resolve) => {
    const begun = performance.now()
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/sync/${document}`)
    socket.binaryType = 'arraybuffer'
    let openedAt: number | undefined
    let askedAt = begun
    let asks = 0
    let ackMs: number | undefined
    const finish = (facts: SocketFacts) => {
      clearTimeout(timer)
      resolve(facts)
      socket.onclose = null
      socket.close()
    }
    const send = (frame: Frame) => socket.send(Uint8Array.from(encodeFrame(frame)))
    const since = (at: number) => performance.now() - at
    let timer = setTimeout(() => finish({ opened: false, afterMs: since(begun), code: 0 }), OPEN_MS)
    const ask = () => {
      asks++
      askedAt = performance.now()
      clearTimeout(timer)
      send({ kind: 'sync-step-2', update: NO_CHANGE })
      timer = setTimeout(
        () => finish({ opened: true, ackMs, diedAfterMs: undefined, code: 0 }),
        idleMs,
      )
    }
    socket.onopen = () => {
      openedAt = performance.now()
      send({ kind: 'sync-step-1', stateVector: NOTHING })
      ask()
    }
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const { kind } = decodeFrame(new Uint8Array(data))
      if (kind !== 'ack' && kind !== 'nack') return
      ackMs = Math.min(ackMs ?? Number.POSITIVE_INFINITY, since(askedAt))
      if (asks < ASKS) ask()
    }
    socket.onclose = ({ code }) => {
      if (openedAt === undefined) finish({ opened: false, afterMs: since(begun), code })
      else finish({ opened: true, ackMs, diedAfterMs: since(askedAt), code })
    }
  })
}

export function judgeSocket(facts: SocketFacts, { idleMs }: Probing): Verdict {
  if (!facts.opened) {
    return {
      level: 'bad',
      saw:
        facts.afterMs < OPEN_MS - 100
          ? 'The upgrade to a WebSocket was refused.'
          : 'The upgrade to a WebSocket was never answered.',
      means:
        'Something between you and Gloss does not pass it on. Gloss then syncs by ordinary requests, which is slower.',
      fix: 'upgrade',
    }
  }
  if (facts.diedAfterMs !== undefined) {
    return {
      level: 'bad',
      saw: `The socket was cut after ${seconds(facts.diedAfterMs)} of silence (code ${facts.code}).`,
      means:
        'Gloss pings every 15 s; a proxy that is less patient makes the page reconnect again and again.',
      fix: 'timeout',
    }
  }
  if (facts.ackMs === undefined) {
    return {
      level: 'bad',
      saw: 'The socket opens, but no answer comes back over it.',
      means: 'Something answers the upgrade in place of Gloss, or keeps back what is sent.',
      fix: 'upgrade',
    }
  }
  const saw = `Open, answered in ${Math.round(facts.ackMs)} ms, and still there after ${seconds(idleMs)}.`
  if (facts.ackMs <= SLOW_MS) return { level: 'good', saw }
  return { level: 'warn', saw, means: 'Others see what you type only after that time.' }
}
