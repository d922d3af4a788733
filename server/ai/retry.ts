/**
 * An endpoint around an endpoint that tries again, but only before the first text: what people
 * have seen is never taken back or written twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#server/log.ts'
import { type Deadlines, type ModelEndpoint, ModelError, type ModelPart } from './endpoint.ts'
import { FAULTS } from './faults.ts'
import { DEFAULT_DEADLINES } from './watch.ts'

const FIRST_WAIT_MS = 200

export interface RetryOptions {
  /** Requests in all, the first one included. */
  attempts: number
  /** A wait longer than this is not waited for; the fault is thrown instead. */
  maxWaitMs: number
  log?: Log
}

/**
 * Honours the wait an upstream asks for, else waits longer each time, with jitter. The total
 * deadline spans all attempts and the waits between them.
 */
export function withRetry(endpoint: ModelEndpoint, options: RetryOptions): ModelEndpoint {
  return {
    name: endpoint.name,
    builtIn: endpoint.builtIn,
    contextTokens: endpoint.contextTokens,
    stream: (request, { signal, deadlines }) =>
      attempts(endpoint, options, request, signal, { ...DEFAULT_DEADLINES, ...deadlines }),
    close: () => endpoint.close(),
  }
}

async function* attempts(
  endpoint: ModelEndpoint,
  { attempts, maxWaitMs, log }: RetryOptions,
  request: Parameters<ModelEndpoint['stream']>[0],
  signal: AbortSignal,
  deadlines: Deadlines,
): AsyncGenerator<ModelPart, void, void> {
  const startedAt = performance.now()
  for (let attempt = 1; ; attempt++) {
    const left = deadlines.total - (performance.now() - startedAt)
    try {
      yield* endpoint.stream(request, { signal, deadlines: { ...deadlines, total: left } })
      return
    } catch (error) {
      if (!(error instanceof ModelError) || error.partial || attempt >= attempts) throw error
      if (!FAULTS[error.fault].retryable) throw error
      const wait = waitFor(error, attempt)
      const over = performance.now() - startedAt + wait >= deadlines.total
      if (wait > maxWaitMs || over) throw error
      log?.info(
        { endpoint: endpoint.name, fault: error.fault, attempt, wait: Math.round(wait) },
        'the model is asked again',
      )
      await pause(wait, signal)
    }
  }
}

/** Never shorter than what the upstream asked for; jittered, so that many do not return at once. */
function waitFor(error: ModelError, attempt: number): number {
  if (error.retryAfterMs !== undefined) return error.retryAfterMs * (1 + Math.random() * 0.1)
  return FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random())
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    throw new ModelError('cancelled', 'cancelled while waiting to ask again')
  }
}
