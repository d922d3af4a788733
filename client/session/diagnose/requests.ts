/** Sync without a socket, and how large a request may be. */
import { BODY_BYTES, BodySeen } from '#shared/protocol/diagnose.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'
import { UP_BYTES } from '#shared/protocol/frame-stream.ts'
import { HttpSocket } from '../http-socket.ts'
import type { Verdict } from './check.ts'

const ANSWER_MS = 12_000
const BODY_MS = 15_000

/** How long sync by ordinary requests takes to answer; undefined where it does not. */
export function probeRequests(document: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new HttpSocket(`${location.origin}/sync/${document}`)
    let begun = performance.now()
    const finish = (ms: number | undefined) => {
      clearTimeout(timer)
      socket.onclose = null
      socket.close()
      resolve(ms)
    }
    const timer = setTimeout(() => finish(undefined), ANSWER_MS)
    socket.onopen = () => {
      begun = performance.now()
      socket.send(encodeFrame({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) }))
    }
    socket.onmessage = () => finish(performance.now() - begun)
    socket.onclose = () => finish(undefined)
  })
}

export function judgeRequests(ms: number | undefined): Verdict {
  if (ms !== undefined) {
    return {
      level: 'good',
      saw: `Works, answered in ${Math.round(ms)} ms. Used where no socket comes through.`,
    }
  }
  return {
    level: 'bad',
    saw: 'A document cannot be synced by ordinary requests.',
    means: 'Where sockets do not come through either, nothing can be written from here.',
  }
}

export interface BodyFacts {
  /** The largest body that came through, bytes. */
  through: number
  status: number
}

export async function probeBody(): Promise<BodyFacts> {
  let through = 0
  let status = 0
  for (const size of [UP_BYTES, BODY_BYTES]) {
    const response = await fetch('/api/diagnose/body', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(size),
      signal: AbortSignal.timeout(BODY_MS),
    }).catch(() => undefined)
    status = response?.status ?? 0
    if (!response?.ok) break
    const { bytes } = BodySeen.parse(await response.json())
    if (bytes !== size) break
    through = size
  }
  return { through, status }
}

export function judgeBody({ through, status }: BodyFacts): Verdict {
  if (through === BODY_BYTES) return { level: 'good', saw: 'Requests of 1 MiB come through.' }
  if (status === 403) {
    return { level: 'unknown', saw: 'Not tested: Gloss takes nothing from here. See the address.' }
  }
  const of = through === 0 ? '256 KiB' : '1 MiB'
  return {
    level: 'warn',
    saw: `A request of ${of} was refused${status ? ` (status ${status})` : ''}.`,
    means: `Documents of that size cannot be imported${through === 0 ? ', and sync without a socket is slow' : ''}.`,
    fix: 'body',
  }
}
