/** Whether a stream comes as it is sent, or is gathered on the way; and how long a request may take. */
import { type Probing, seconds, type Verdict } from './check.ts'

const GRACE_MS = 8_000
/** Of the time over which it was sent, what is left when it was gathered. */
const BURST = 0.4

export interface StreamFacts {
  /** When each event came, ms after the question. */
  arrivals: readonly number[]
  /** Over how long they were sent. */
  sentOverMs: number
  status: number
}

export async function probeStream({ ticks, everyMs }: Probing): Promise<StreamFacts> {
  const begun = performance.now()
  const sentOverMs = (ticks - 1) * everyMs
  const arrivals: number[] = []
  const response = await fetch(`/api/diagnose/ticks?count=${ticks}&every=${everyMs}`, {
    headers: { accept: 'text/event-stream' },
    signal: AbortSignal.timeout(sentOverMs + GRACE_MS),
  })
  const { status } = response
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let rest = ''; reader; ) {
      const { value, done } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line === 'event: tick') arrivals.push(performance.now() - begun)
    }
  } catch {
    return { arrivals, sentOverMs, status } // cut on the way: what came before counts
  }
  return { arrivals, sentOverMs, status }
}

export function judgeStream(facts: StreamFacts, { ticks }: Probing): Verdict {
  const { arrivals, sentOverMs, status } = facts
  const [first = 0] = arrivals
  const over = (arrivals.at(-1) ?? 0) - first
  if (arrivals.length > 1 && over < sentOverMs * BURST) {
    return {
      level: 'bad',
      saw: `What was sent over ${seconds(sentOverMs)} came in one burst after ${seconds(first)}.`,
      means:
        'The proxy gathers the stream. The co-pilot’s text will come in lumps, or only when it has finished.',
      fix: 'buffering',
    }
  }
  if (arrivals.length < ticks) {
    return {
      level: 'bad',
      saw: `Of ${ticks} events ${arrivals.length} came (status ${status}).`,
      means: 'The stream is cut or kept back on the way; the co-pilot’s text will come late.',
      fix: arrivals.length === 0 ? 'buffering' : 'timeout',
    }
  }
  return { level: 'good', saw: `Events come as they are sent, the first after ${seconds(first)}.` }
}

export interface PatienceFacts {
  ok: boolean
  afterMs: number
  status: number
}

export async function probePatience({ waitMs }: Probing): Promise<PatienceFacts> {
  const begun = performance.now()
  const signal = AbortSignal.timeout(waitMs + GRACE_MS)
  const response = await fetch(`/api/diagnose/wait?ms=${waitMs}`, { signal }).catch(() => undefined)
  const afterMs = performance.now() - begun
  return { ok: response?.ok ?? false, afterMs, status: response?.status ?? 0 }
}

export function judgePatience({ ok, afterMs, status }: PatienceFacts, probing: Probing): Verdict {
  if (ok) {
    return {
      level: 'good',
      saw: `A request may take ${seconds(probing.waitMs)} without being cut.`,
    }
  }
  return {
    level: 'warn',
    saw: `A request was cut after ${seconds(afterMs)}${status ? ` (status ${status})` : ''}.`,
    means:
      'Streams and sockets that are silent for that long are cut too; Gloss opens them again, but each time something may come late.',
    fix: 'timeout',
  }
}
