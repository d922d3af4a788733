/**
 * One SSE response: headers that proxies respect, a heartbeat, and no patience with slow readers.
 * What many readers are told is the same bytes for all of them.
 */
import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { EventRow } from '#server/store/document-store.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { Heartbeat } from './heartbeat.ts'

const RETRY_MS = 2_000

export interface EventStream {
  /** `json` is one line of JSON. `id` is a sequence number of the event log. */
  send(event: { id?: number; event: string; json: string }): void
  /** Sends events of the log, in one piece. */
  sendAll(events: readonly EventRow[]): void
  /** Resolves when there is room for more, or the reader is gone. */
  drained(): Promise<void>
  readonly closed: boolean
  /** Says good-bye and ends; the browser comes back after `retry`, to what follows `id`. */
  end(id?: number): void
  /** Runs once when the reader has gone, whoever ended it. */
  onClose(listener: () => void): void
}

type StreamLimits = Pick<
  Limits,
  'sseHeartbeatMs' | 'sseBufferBytes' | 'sendDrainMs' | 'deadMs' | 'sseLifeMs'
>

/** How long a reader may take to read the good-bye. */
const END_MS = 1_000

/**
 * Streams that are to be asked now and then share the `heartbeat` of `sseHeartbeat`. `retire` is
 * told of a silent one that is so old that it should `end` and come back.
 */
export function openEventStream(
  reply: FastifyReply,
  limits: StreamLimits,
  heartbeat = sseHeartbeat(limits),
  retire: () => void = () => undefined,
): EventStream {
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
  const opened = performance.now()
  let last = opened
  /** When all that was written had been taken. */
  let taken = opened
  const beating = {
    beat: () => {
      const now = performance.now()
      if (raw.writableLength === 0) taken = now
      if (now - taken > limits.deadMs) return raw.destroy()
      if (now - last < limits.sseHeartbeatMs * 0.75) return
      // Of one who has vanished the kernel tells nothing for a quarter of an hour.
      if (now - opened > limits.sseLifeMs) retire()
      else write(COMMENT)
    },
  }
  heartbeat.add(beating)
  onClose(() => heartbeat.delete(beating))

  function write(bytes: Buffer): void {
    if (raw.destroyed || raw.writableEnded) return
    last = performance.now()
    // Node would make a chunk of it anew for each reader.
    if (raw.socket && raw.chunkedEncoding) raw.socket.write(chunkOf(bytes))
    else raw.write(bytes)
    // A reader this far behind is better off coming back: it resumes after the last id it saw.
    if (raw.writableLength > limits.sseBufferBytes) raw.destroy()
  }

  function onClose(listener: () => void): void {
    // The reader may have gone while its room was opened: nobody would tell any more.
    if (raw.destroyed) listener()
    else raw.once('close', listener)
  }

  async function drained(): Promise<void> {
    const { socket } = raw
    if (!socket?.writableNeedDrain) return
    const gone = new AbortController()
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(limits.sendDrainMs)])
    const stop = () => gone.abort()
    raw.once('close', stop)
    try {
      await once(socket, 'drain', { signal })
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
    send: (event) => write(Buffer.from(textOf(event))),
    sendAll: (events) => write(encoded(events)),
    end: (id) => {
      write(id === undefined ? BYE : Buffer.concat([Buffer.from(`id: ${id}\n`), BYE]))
      raw.end()
      const late = setTimeout(() => raw.destroy(), END_MS)
      raw.once('close', () => clearTimeout(late))
    },
    onClose,
  }
}

/** Asks each stream twice in the time that it may be silent. */
export const sseHeartbeat = ({ sseHeartbeatMs }: StreamLimits): Heartbeat =>
  new Heartbeat(sseHeartbeatMs / 2)

const COMMENT = Buffer.from(': \n\n')
const BYE = Buffer.from('event: bye\ndata: {}\n\n')

const textOf = ({ id, event, json }: { id?: number; event: string; json: string }): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`

/** Remembers the last answer: a room tells the same to everybody, one after the other. */
function remembering<Given, Answer>(make: (given: Given) => Answer): (given: Given) => Answer {
  let last: { given: Given; answer: Answer } | undefined
  return (given) => {
    if (last?.given !== given) last = { given, answer: make(given) }
    return last.answer
  }
}

const encoded = remembering((events: readonly EventRow[]) =>
  Buffer.from(
    events.map(({ n, type, data }) => textOf({ id: n, event: type, json: data })).join(''),
  ),
)

const chunkOf = remembering((bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
)
