/**
 * Where a request comes from, and what name it was sent to. Browsers name the page's origin on
 * every socket, on every request that changes something, and on every cross-origin read; another
 * origin than ours is refused. Without a public URL our origin is whatever name the request was
 * sent to, so a name that strangers could point at this machine is not taken (DNS rebinding).
 */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { GlossError } from '#shared/errors.ts'
import { bearerOf } from './identity.ts'

export interface Origins {
  /** For sockets and requests that change something. Throws `not-allowed`. */
  requireOwn(request: IncomingMessage): void
  /** For streams and reads: a foreign origin is refused, no origin is none of a browser's page. */
  refuseForeign(request: IncomingMessage): void
  /** Throws `not-allowed` where the request was sent to a name that is not known to be ours. */
  requireOwnName(request: IncomingMessage): void
}

/** `listenHost` is what the server was told to listen on; it may be a name of this machine. */
export function createOrigins(publicUrl: string | undefined, listenHost?: string): Origins {
  const own = publicUrl === undefined ? undefined : new URL(publicUrl).origin
  const names = new Set(['localhost', ...namesOfThisMachine(listenHost)])

  const isOwn = (origin: string, request: IncomingMessage): boolean => {
    if (own !== undefined) return origin === own
    const { host } = request.headers
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
  }
  const requireOwnName = ({ headers: { host }, headersDistinct }: IncomingMessage): void => {
    if ((headersDistinct?.host?.length ?? 0) > 1) {
      throw new GlossError('bad-request', 'more than one host name')
    }
    // With a public URL no other origin is ours, whatever name it was reached by.
    if (own !== undefined || host === undefined) return
    const name = nameIn(host)
    if (name !== undefined && (names.has(name) || isIP(name) || name.endsWith('.localhost'))) return
    const error = new GlossError('not-allowed', 'an unknown host name')
    const hint = name && ` To serve it there, start it with PUBLIC_URL=http://${host} (or https).`
    error.public = `This Gloss does not know that it is called ${name ?? 'so'}.${hint ?? ''}`
    throw error
  }
  const refuseForeign = (request: IncomingMessage): void => {
    requireOwnName(request)
    const { origin, 'sec-fetch-site': site } = request.headers
    const elsewhere = site === 'cross-site' || site === 'same-site'
    const foreign = origin !== undefined ? !isOwn(origin, request) : elsewhere
    if (foreign) throw new GlossError('not-allowed', 'a foreign origin')
  }

  return {
    refuseForeign,
    requireOwnName,
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

/** Nobody outside the network can point these elsewhere: a name of one part, or a multicast one. */
function namesOfThisMachine(listenHost: string | undefined): string[] {
  const machine = hostname().toLowerCase()
  return [machine, `${machine}.local`, ...(listenHost ? [listenHost.toLowerCase()] : [])]
}

/** The name of a Host header, without its port and brackets; undefined where it is none. */
function nameIn(host: string): string | undefined {
  const [, six, name] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return (six ?? name)?.toLowerCase()
}
