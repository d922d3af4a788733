/** How the server sees a request of this page: its address, its session, its clock. */
import { SeenRequest } from '#shared/protocol/diagnose.ts'
import { seconds, type Verdict } from './check.ts'

const LOOKS = 3
const ANSWER_MS = 10_000
/** Whoever is further off sees wrong times on what others did. */
const CLOCK_OFF_MS = 5_000

export interface Seen extends SeenRequest {
  /** The server's clock minus this device's, ms. */
  clockOff: number
  /** There and back, ms. */
  tookMs: number
  /** Such as `h2`; '' where the browser does not say. */
  protocol: string
  /** What calls itself the server: often the proxy. */
  server: string
}

/** Asks a few times, and believes the quickest answer. Throws where there is none. */
export async function look(): Promise<Seen> {
  let best: Seen | undefined
  for (let n = 0; n < LOOKS; n++) {
    const begun = Date.now()
    const at = performance.now()
    const signal = AbortSignal.timeout(ANSWER_MS)
    const init: RequestInit = { credentials: 'same-origin', signal }
    const response = await fetch(`/api/diagnose/request?n=${n}`, init)
    const tookMs = performance.now() - at
    if (!response.ok) throw new Error(`status ${response.status}`)
    const seen = SeenRequest.parse(await response.json())
    if (best && best.tookMs <= tookMs) continue
    const server = `${response.headers.get('server') ?? ''} ${response.headers.get('via') ?? ''}`
    const protocol = protocolOf(response.url)
    best = { ...seen, clockOff: seen.now - begun - tookMs / 2, tookMs, protocol, server }
  }
  return best!
}

function protocolOf(url: string): string {
  const entry = performance.getEntriesByName(url).at(-1)
  return entry instanceof PerformanceResourceTiming ? entry.nextHopProtocol : ''
}

/** `here` is what the browser's address bar says. */
export function judgeAddress(
  seen: Seen,
  here: Pick<Location, 'origin' | 'host' | 'protocol'>,
): Verdict {
  const { publicOrigin, host, proto, session } = seen
  if (publicOrigin !== null && publicOrigin !== here.origin) {
    return {
      level: 'bad',
      saw: `You are at ${here.origin}, but PUBLIC_URL says ${publicOrigin}.`,
      means:
        'Gloss takes changes from its own address alone, so nothing can be saved from here. Open it at that address, or set PUBLIC_URL to this one and restart it.',
      setting: `PUBLIC_URL=${here.origin}`,
    }
  }
  if (publicOrigin === null && host !== here.host) {
    return {
      level: 'bad',
      saw: `The browser asked for ${here.host}, but Gloss was told ${host ?? 'nothing'}.`,
      means:
        'The proxy replaces the Host header, so Gloss takes this page for a foreign one and refuses its changes. Pass the header on, or set PUBLIC_URL.',
      fix: 'host',
      setting: `PUBLIC_URL=${here.origin}`,
    }
  }
  if (!session) {
    return {
      level: 'bad',
      saw: 'The session cookie does not come back.',
      means:
        'Without it nobody can open a document. Allow cookies for this site; and where PUBLIC_URL begins with https, open it by https.',
    }
  }
  const scheme = here.protocol.replace(':', '')
  if (proto !== null && proto !== '' && proto.split(',')[0]?.trim() !== scheme) {
    return {
      level: 'warn',
      saw: `The page is ${scheme}, but the proxy says ${proto} (X-Forwarded-Proto).`,
      means: 'Logs and other services behind the same proxy are misled. Gloss goes by PUBLIC_URL.',
      fix: 'proto',
    }
  }
  if (scheme === 'https' && publicOrigin === null) {
    return {
      level: 'warn',
      saw: proto ? 'PUBLIC_URL is not set.' : 'PUBLIC_URL and X-Forwarded-Proto are not set.',
      means:
        'Gloss does not know that it is reached by https: its cookie is not marked as secure. Set PUBLIC_URL.',
      setting: `PUBLIC_URL=${here.origin}`,
      ...(proto ? {} : { fix: 'proto' as const }),
    }
  }
  if (scheme === 'https' && !proto) {
    return {
      level: 'warn',
      saw: 'The proxy does not say that the page is https (no X-Forwarded-Proto).',
      means: 'Gloss goes by PUBLIC_URL and works; other things behind this proxy may not.',
      fix: 'proto',
    }
  }
  return { level: 'good', saw: `Gloss sees the same address as you: ${here.origin}.` }
}

export function judgeClock({ clockOff }: Seen): Verdict {
  const off = Math.abs(clockOff)
  if (off < CLOCK_OFF_MS) {
    return { level: 'good', saw: 'This device and the server agree on the time.' }
  }
  return {
    level: 'warn',
    saw: `This device is ${seconds(off)} ${clockOff > 0 ? 'behind' : 'ahead of'} the server.`,
    means:
      'Nothing is lost by it, but “2 minutes ago” will be wrong. Turn on setting the time by itself, here or on the server (timedatectl set-ntp true).',
  }
}

export function judgeHttp({ protocol, tookMs }: Seen, scheme: string): Verdict {
  const took = `There and back in ${Math.round(tookMs)} ms`
  const version = /^h[23]/.test(protocol) ? `HTTP/${protocol.slice(1, 2)}` : 'HTTP/1.1'
  if (protocol === '') return { level: 'good', saw: `${took}.` }
  if (version !== 'HTTP/1.1' || scheme === 'http:') {
    return { level: 'good', saw: `${took}, over ${version}.` }
  }
  return {
    level: 'warn',
    saw: `${took}, over ${version}.`,
    means:
      'A browser opens six connections at most over HTTP/1.1, all tabs together: many open documents wait for each other.',
    fix: 'http2',
  }
}
