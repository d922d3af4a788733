/**
 * The SSE lane of one document. One tab of a browser holds the connection and tells the others
 * (a browser allows six connections a host); when it goes, another takes over where it was.
 */
import { LANE_EVENT_TYPES, LaneEvent } from '#shared/protocol/event.ts'

export interface LaneListener {
  event(event: LaneEvent): void
  /** The lane has a gap: read the runs afresh. */
  reset(): void
}

type Message = { kind: 'event'; type: string; data: string; id: string } | { kind: 'reset' }

export interface Lane {
  close(): void
}

export function openLane(url: string, listener: LaneListener): Lane {
  let last = ''
  let source: EventSource | undefined
  const channel = new BroadcastChannel(`gloss-lane:${url}`)
  const leaving = new AbortController()

  const tell = (message: Message) => {
    if (message.kind === 'reset') return listener.reset()
    last = message.id
    const event = parse(message)
    if (event) listener.event(event)
  }
  const hear = (message: Message) => {
    channel.postMessage(message)
    tell(message)
  }
  channel.onmessage = ({ data }: MessageEvent<Message>) => tell(data)

  const lead = () => {
    source = new EventSource(last ? `${url}?after=${encodeURIComponent(last)}` : url)
    for (const type of LANE_EVENT_TYPES) {
      source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) =>
        hear({ kind: 'event', type, data, id: lastEventId }),
      )
    }
    source.addEventListener('reset', ({ lastEventId }: MessageEvent<string>) => {
      last = lastEventId
      hear({ kind: 'reset' })
    })
    source.onerror = () => {
      // The browser gives up for good on an answer that is no stream; the server may be restarting.
      if (source?.readyState !== EventSource.CLOSED) return
      source.close()
      if (!leaving.signal.aborted) setTimeout(() => !leaving.signal.aborted && lead(), backOff())
    }
  }

  // Locks are for secure pages only; without them each tab has a connection of its own.
  if ('locks' in navigator) {
    const untilLeaving = () =>
      new Promise<void>((resolve) => {
        lead()
        leaving.signal.addEventListener('abort', () => resolve())
      })
    navigator.locks
      .request(`gloss-lane:${url}`, { signal: leaving.signal }, untilLeaving)
      .catch(() => undefined) // left before it was this tab's turn
  } else lead()

  return {
    close: () => {
      leaving.abort()
      source?.close()
      channel.close()
    },
  }
}

const backOff = (): number => 1_000 + Math.random() * 3_000

function parse({ type, data }: { type: string; data: string }): LaneEvent | undefined {
  try {
    const result = LaneEvent.safeParse({ ...JSON.parse(data), type })
    return result.data
  } catch {
    return undefined
  }
}
