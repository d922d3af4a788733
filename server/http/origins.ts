/**
 * Where a request comes from. Browsers name the page's origin on every socket, on every request
 * that changes something, and on every cross-origin read; another origin than ours is refused.
 */
import type { IncomingMessage } from 'node:http'
import { GlossError } from '#shared/errors.ts'
import { bearerOf } from './identity.ts'

export interface Origins {
  /** For sockets and requests that change something. Throws `not-allowed`. */
  requireOwn(request: IncomingMessage): void
  /** For streams and reads: a foreign origin is refused, no origin is none of a browser's page. */
  refuseForeign(request: IncomingMessage): void
}

/** With a public URL that origin alone is ours; else the one that the request was sent to. */
export function createOrigins(publicUrl: string | undefined): Origins {
  const own = publicUrl === undefined ? undefined : new URL(publicUrl).origin

  const isOwn = (origin: string, request: IncomingMessage): boolean => {
    if (own !== undefined) return origin === own
    const { host } = request.headers
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
  }
  const refuseForeign = (request: IncomingMessage): void => {
    const { origin, 'sec-fetch-site': site } = request.headers
    const foreign = origin !== undefined ? !isOwn(origin, request) : site === 'cross-site'
    if (foreign) throw new GlossError('not-allowed', 'a foreign origin')
  }

  return {
    refuseForeign,
    requireOwn: (request) => {
      refuseForeign(request)
      const { origin, 'sec-fetch-site': site } = request.headers
      const named = origin !== undefined || site === 'same-origin'
      if (!named && bearerOf(request) === undefined) {
        throw new GlossError('not-allowed', 'neither an origin nor a bearer token')
      }
    },
  }
}
