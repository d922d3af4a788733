/** One SSE response: headers that proxies respect, a heartbeat, and no patience with slow readers. */
import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { Limits } from '#shared/protocol/limits.ts'

const RETRY_MS = 2_000

export interface EventStream {
  /** `json` is one line of JSON. `id` is a sequence number of the event log. */
  send(event: { id?: number; event: string; json: string }): void
  /** Resolves when there is room for more, or the reader is gone. */
  drained(): Promise<void>
  readonly closed: boolean
  /** Says good-bye and ends; the browser comes back after `retry`. */
  end(): void
  /** Runs once when the reader has gone, whoever ended it. */
  onClose(listener: () => void): void
}

type StreamLimits = Pick<Limits, 'sseHeartbeatMs' | 'sseBufferBytes' | 'sendDrainMs'>

/** How long a reader may take to read the good-bye. */
const END_MS = 1_000

export function openEventStream(reply: FastifyReply, limits: StreamLimits): EventStream {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  raw.socket?.setNoDelay(true)
  raw.write(`retry: ${RETRY_MS}\n\n`)
  let last = Date.now()
  const heartbeat = setInterval(() => {
    if (Date.now() - last >= limits.sseHeartbeatMs * 0.75) write(': \n\n')
  }, limits.sseHeartbeatMs / 2)
  onClose(() => clearInterval(heartbeat))

  function write(text: string): void {
    if (raw.destroyed || raw.writableEnded) return
    last = Date.now()
    raw.write(text)
    // A reader this far behind is better off coming back: it resumes after the last id it saw.
    if (raw.writableLength > limits.sseBufferBytes) raw.destroy()
  }

  function onClose(listener: () => void): void {
    // The reader may have gone while its room was opened: nobody would tell any more.
    if (raw.destroyed) listener()
    else raw.once('close', listener)
  }

  async function drained(): Promise<void> {
    if (!raw.writableNeedDrain) return
    const gone = new AbortController()
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(limits.sendDrainMs)])
    const stop = () => gone.abort()
    raw.once('close', stop)
    try {
      await once(raw, 'drain', { signal })
    } catch {
      raw.destroy() // gone already, or it reads nothing
    } finally {
      raw.off('close', stop)
    }
  }

  return {
    drained,
    get closed() {
      return raw.destroyed || raw.writableEnded
    },
    send: ({ id, event, json }) =>
      write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`),
    end: () => {
      write('event: bye\ndata: {}\n\n')
      raw.end()
      const late = setTimeout(() => raw.destroy(), END_MS)
      raw.once('close', () => clearTimeout(late))
    },
    onClose,
  }
}
