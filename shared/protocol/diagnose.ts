/** What /api/diagnose answers: how a request looked when it came, and nothing of anybody else. */
import { z } from 'zod'
import { decimal } from './decimal.ts'

/** How the server saw the request that asked. */
export const SeenRequest = z.object({
  now: z.number().describe('the server’s clock, ms'),
  host: z.string().nullable(),
  proto: z.string().nullable().describe('X-Forwarded-Proto'),
  publicOrigin: z.string().nullable().describe('the origin of PUBLIC_URL, where it is set'),
  session: z.boolean().describe('whether the request brought a session'),
})
export type SeenRequest = z.infer<typeof SeenRequest>

export const TicksAsked = z.object({
  count: decimal(1, 20).default(5),
  every: decimal(50, 2_000).default(300),
})

export const WaitAsked = z.object({ ms: decimal(0, 60_000) })

export const BodySeen = z.object({ bytes: z.number() })

/** The largest body that is tried. */
export const BODY_BYTES = 1024 * 1024
