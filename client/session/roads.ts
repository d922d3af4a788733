/**
 * Which road the provider's next connection takes: a socket, or plain requests where sockets do not
 * come through. It goes over after two sockets in a row that never lived while a plain request was
 * answered (a server that is away is no reason), and from time to time sees whether they do again.
 */
import type { WebsocketProvider } from 'y-websocket'

export type Road = 'socket' | 'http'

const FAILURES = 2
/** A socket that the network allows lives longer than this. */
const LIVED_MS = 15_000
/** An upgrade that is neither answered nor refused for so long will never be. */
const HANG_MS = 8_000
/** Another road is taken at once, but not by all clients at the same moment. */
const TURN_MS = 300
/** When to look for the socket again; the last one again and again. */
const PROBES_MS = [5_000, 60_000, 300_000]
/** From here on a close code is the server's own word, and so the road was good. */
const SERVERS_OWN = 1012
const KEY = 'gloss.road'

export interface RoadsDeps {
  provider: WebsocketProvider
  kinds: Readonly<Record<Road, typeof WebSocket>>
  /** Whether a plain request is answered now. */
  reaches: () => Promise<boolean>
}

export class Roads {
  readonly #provider: WebsocketProvider
  readonly #kinds: RoadsDeps['kinds']
  readonly #reaches: RoadsDeps['reaches']
  #road: Road
  /** Sockets in a row that did not live although the server was there. */
  #failures = 0
  /** Connections begun so far. */
  #begun = 0
  #heardAt: number | undefined
  #hang: ReturnType<typeof setTimeout> | undefined
  #probes = 0
  #nextProbe: ReturnType<typeof setTimeout> | undefined
  #probing: WebSocket | undefined
  #turning: ReturnType<typeof setTimeout> | undefined

  constructor({ provider, kinds, reaches }: RoadsDeps) {
    this.#provider = provider
    this.#kinds = kinds
    this.#reaches = reaches
    this.#road = remembered()
    provider._WS = kinds[this.#road]
    provider.on('status', ({ status }) => status === 'connecting' && this.#begin())
    provider.on('connection-close', (event) => this.#ended(event?.code))
    globalThis.addEventListener?.('online', this.#probe)
  }

  /** The road of the connection that is, or will be next. */
  get road(): Road {
    return this.#road
  }

  /** To be called with every message: only what is heard proves a road. */
  heard(): void {
    if (this.#heardAt !== undefined) return
    this.#heardAt = Date.now()
    clearTimeout(this.#hang)
    remember(this.#road)
    if (this.#road === 'http') this.#probeLater()
  }

  close(): void {
    globalThis.removeEventListener?.('online', this.#probe)
    clearTimeout(this.#hang)
    clearTimeout(this.#nextProbe)
    clearTimeout(this.#turning)
    this.#probing?.close()
  }

  #begin(): void {
    this.#begun++
    this.#heardAt = undefined
    clearTimeout(this.#hang)
    const { ws } = this.#provider
    this.#hang = setTimeout(() => {
      if (ws === this.#provider.ws && ws?.readyState === WebSocket.CONNECTING) ws.close()
    }, HANG_MS)
  }

  /** `code` is undefined where this side gave it up. */
  #ended(code: number | undefined): void {
    clearTimeout(this.#hang)
    clearTimeout(this.#nextProbe)
    if (!this.#provider.shouldConnect) return
    const lived = this.#heardAt !== undefined && Date.now() - this.#heardAt > LIVED_MS
    if (this.#road === 'http') {
      // Plain requests do not come through either: whatever it is, it is not the socket.
      if (this.#heardAt === undefined) this.#take('socket', FAILURES - 1)
    } else if (lived || (code !== undefined && code >= SERVERS_OWN)) {
      this.#failures = 0
      if (lived) this.#probes = 0
    } else this.#failed().catch(() => undefined)
  }

  /** A socket did not live: the network's doing only where the server answers all the same. */
  async #failed(): Promise<void> {
    const which = this.#begun
    if (!(await this.#reaches()) || this.#road === 'http') return
    // The next socket is heard already: they come through.
    if (this.#begun > which && this.#heardAt !== undefined) return
    if (++this.#failures < FAILURES) return
    this.#take('http', 0)
    this.#turning = setTimeout(() => {
      // Without the wait that the provider would keep after a failure.
      if (this.#provider.shouldConnect) this.#provider.connect()
    }, TURN_MS * Math.random())
  }

  #take(road: Road, failures: number): void {
    this.#road = road
    this.#failures = failures
    this.#provider._WS = this.#kinds[road]
  }

  #probeLater(): void {
    clearTimeout(this.#nextProbe)
    const wait = PROBES_MS[Math.min(this.#probes++, PROBES_MS.length - 1)]!
    this.#nextProbe = setTimeout(this.#probe, wait * (0.75 + Math.random() / 2))
  }

  /** A socket beside the connection that works: only when it hears something is it better. */
  readonly #probe = (): void => {
    if (this.#road !== 'http' || this.#probing || !this.#provider.wsconnected) return
    clearTimeout(this.#nextProbe)
    const socket = new WebSocket(this.#provider.url)
    this.#probing = socket
    const late = setTimeout(() => socket.close(), HANG_MS)
    let good = false
    socket.onmessage = () => {
      good = true
      socket.close()
    }
    socket.onclose = () => {
      clearTimeout(late)
      this.#probing = undefined
      if (!good) this.#probeLater()
      else if (this.#provider.shouldConnect) this.#goBack()
    }
  }

  #goBack(): void {
    this.#provider.disconnect()
    this.#take('socket', 0)
    remember('socket')
    this.#provider.connect()
  }
}

/** What the network of this tab allowed when last seen. */
function remembered(): Road {
  try {
    return globalThis.sessionStorage?.getItem(KEY) === 'http' ? 'http' : 'socket'
  } catch {
    return 'socket' // a browser that keeps nothing finds out again
  }
}

function remember(road: Road): void {
  try {
    if (road === 'http') globalThis.sessionStorage?.setItem(KEY, road)
    else globalThis.sessionStorage?.removeItem(KEY)
  } catch {
    return // the same
  }
}
