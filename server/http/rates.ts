/** The rates of a connection: what one client may do in a second, and in a burst. */
import type { Rate } from '#server/limits/token-bucket.ts'
import type { Limits } from '#shared/protocol/limits.ts'

/** The same for all of them. */
export interface Rates {
  messages: Rate
  bytes: Rate
  awareness: Rate
  requests: Rate
}

export const ratesOf = (limits: Limits): Rates => ({
  messages: { ratePerSecond: limits.messagesPerSecond, burst: limits.messagesBurst },
  bytes: { ratePerSecond: limits.bytesPerSecond, burst: limits.bytesBurst },
  awareness: { ratePerSecond: limits.awarenessPerSecond, burst: limits.awarenessPerSecond },
  requests: { ratePerSecond: limits.syncStep1PerMinute / 60, burst: limits.syncStep1PerMinute },
})
