/**
 * The bus over Redis, for several instances on one Postgres. Pub/sub and nothing else: Redis keeps
 * nothing of ours, and whatever it loses the log has. It owns two connections (one that listens can
 * do nothing else) and knows by hearing itself whether hints arrive.
 */
import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from '#server/log.ts'
import type { Bus, BusListener, Hint, Subscription } from './bus.ts'
import { BusCodec, type BusMessage } from './bus-message.ts'
import { Others } from './others.ts'
import { Strangers } from './strangers.ts'

const BEAT_MS = 1_000
/** Not heard for so long: hints may be lost, whatever the connections say. */
const SILENT_MS = 3_000
/** Silent for so long: these connections lead nowhere. */
const GIVEN_UP_MS = 6_000
/** What Redis has not taken yet; more is not worth keeping, since the log has it. */
const UNTAKEN_BYTES = 8 * 1024 * 1024
const CONNECT_MS = 3_000

export interface RedisBusDeps {
  url: string
  instance: string
  /** Shared by the instances and by nobody else. */
  secret: string
  log: Log
  /** Something was heard that no instance of ours has said. */
  refused?(): void
}

interface Channel {
  readonly document: string
  readonly listeners: Set<BusListener>
  /** Whether Redis knows that we listen: not told yet, told, or it has said so. */
  state: 'untold' | 'told' | 'heard'
  readonly ready: PromiseWithResolvers<void>
}

export class RedisBus implements Bus {
  readonly instance: string
  readonly #codec: BusCodec
  readonly #log: Log
  readonly #speaker: Redis
  readonly #ear: Redis
  readonly #channels = new Map<string, Channel>()
  readonly #beat: NodeJS.Timeout
  #heardAt = Number.NEGATIVE_INFINITY
  /** When silence began to count: at the start, or when the last connections were given up. */
  #since = performance.now()
  #untaken = 0
  #told: boolean | undefined
  #lapses = 0
  /** Others have not been told yet that we could not say something. */
  #unsaid = false
  readonly #others = new Others((instance) => this.#tellAll((on) => on.left(instance)))
  readonly #strangers: Strangers
  #closed = false

  /** Returns at once: a Redis that is down now is found when it is up. */
  constructor({ url, instance, secret, log, refused = () => undefined }: RedisBusDeps) {
    this.#strangers = new Strangers(log, refused)
    this.instance = instance
    this.#log = log
    this.#codec = new BusCodec(secret, instance)
    this.#speaker = new Redis(url, { ...OPTIONS, enableOfflineQueue: false })
    this.#ear = new Redis(url, { ...OPTIONS, autoResubscribe: false })
    for (const redis of [this.#speaker, this.#ear]) {
      redis.on('error', (error) => log.debug({ error }, 'a connection to Redis failed'))
    }
    this.#ear.on('ready', () => this.#listen())
    this.#ear.on('close', () => this.#deaf())
    this.#ear.on('messageBuffer', (channel: Buffer, bytes: Buffer) => this.#hear(channel, bytes))
    this.#beat = setInterval(() => this.#pulse(), BEAT_MS)
    this.#beat.unref()
  }

  get connected(): boolean {
    return performance.now() - this.#heardAt < SILENT_MS
  }

  get lapses(): number {
    return this.#lapses
  }

  publishHint(hint: Hint): void {
    this.#say(channelOf(hint.document), { kind: 'hint', hint })
  }

  publishNews(): void {
    this.#say(ALL, { kind: 'lapse' })
  }

  publishPresence(document: string, update: Uint8Array): void {
    this.#say(channelOf(document), { kind: 'presence', document, update })
  }

  subscribe(document: string, listener: BusListener): Subscription {
    // A listener of its own for each subscription, so that closing one never closes another.
    const own = { ...listener }
    const channel = this.#channels.get(document) ?? this.#open(document)
    channel.listeners.add(own)
    return { ready: channel.ready.promise, close: () => this.#leave(channel, own) }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#say(ALL, { kind: 'bye' })
    this.#closed = true
    clearInterval(this.#beat)
    for (const { ready } of this.#channels.values()) ready.resolve()
    this.#channels.clear()
    this.#deaf()
    this.#ear.disconnect()
    this.#speaker.disconnect()
  }

  #open(document: string): Channel {
    const channel: Channel = {
      document,
      listeners: new Set(),
      state: 'untold',
      ready: Promise.withResolvers<void>(),
    }
    this.#channels.set(document, channel)
    if (this.#ear.status === 'ready' && this.connected) this.#subscribe([channel])
    else channel.ready.resolve()
    return channel
  }

  async #leave(channel: Channel, listener: BusListener): Promise<void> {
    channel.listeners.delete(listener)
    if (channel.listeners.size > 0 || this.#channels.get(channel.document) !== channel) return
    this.#channels.delete(channel.document)
    channel.ready.resolve()
    if (this.#ear.status !== 'ready') return
    await this.#ear.unsubscribe(channelOf(channel.document)).catch((error: unknown) => {
      // The connection is gone, and with it what it was subscribed to.
      this.#log.debug({ error }, 'a channel was not left')
    })
  }

  /** A connection that is new knows of no channel. */
  #listen(): void {
    this.#subscribe([...this.#channels.values()])
  }

  #subscribe(channels: readonly Channel[]): void {
    const names = channels.map(({ document }) => channelOf(document))
    for (const channel of channels) channel.state = 'told'
    const askedAt = performance.now()
    this.#ear.subscribe(ALL, ...names).then(
      () => {
        // Whoever had no patience has read the log too soon.
        if (performance.now() - askedAt > BEAT_MS) this.#lapses++
        for (const channel of channels) {
          channel.state = 'heard'
          channel.ready.resolve()
        }
        this.#askWho(channels)
        this.#pulse()
      },
      (error: unknown) => {
        for (const { ready } of channels) ready.resolve()
        this.#log.warn({ error }, 'the bus was not heard')
        // Half subscribed is not subscribed: a new connection begins from nothing.
        if (!this.#closed) this.#ear.disconnect(true)
      },
    )
  }

  /** Says something to itself by way of Redis, and gives up a connection that has gone silent. */
  #pulse(): void {
    if (this.#closed) return
    if (!this.connected) this.#unheard()
    const now = performance.now()
    if (now - Math.max(this.#heardAt, this.#since) > GIVEN_UP_MS) {
      this.#since = now
      for (const redis of [this.#ear, this.#speaker]) {
        if (redis.status === 'ready') redis.disconnect(true)
      }
    }
    this.#say(ALL, { kind: 'beat' })
    if (this.#unsaid) this.#admit()
    // Whoever can write but not speak leaves us behind: the log is asked until it is back.
    if (this.connected) this.#lapses += this.#others.look(now)
  }

  /** Says that something was not said, and who is here, and asks who is: that may have been it. */
  #admit(): void {
    if (this.#speaker.status !== 'ready') return
    this.#say(ALL, { kind: 'lapse' })
    this.#tellAll((listener) => listener.newcomer())
    this.#askWho(this.#channels.values())
  }

  #tellAll(message: (listener: BusListener) => void): void {
    for (const { listeners } of this.#channels.values()) {
      for (const listener of listeners) message(listener)
    }
  }

  #askWho(channels: Iterable<Channel>): void {
    for (const { document } of channels) {
      this.#say(channelOf(document), { kind: 'newcomer', document })
    }
  }

  #deaf(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY
    for (const channel of this.#channels.values()) channel.state = 'untold'
    this.#unheard()
  }

  /** Nobody is to wait for a Redis that does not answer. */
  #unheard(): void {
    for (const { ready } of this.#channels.values()) ready.resolve()
    this.#tell(false)
  }

  #say(channel: string, message: BusMessage): void {
    const lost = () => {
      if (message.kind !== 'beat') this.#unsaid = true
    }
    const bytes = this.#codec.encode(message)
    const full = this.#untaken + bytes.length > UNTAKEN_BYTES
    if (this.#closed || full || this.#speaker.status !== 'ready') return lost()
    this.#untaken += bytes.length
    if (message.kind === 'lapse') this.#unsaid = false
    this.#speaker
      .publish(channel, bytes)
      .catch((error: unknown) => {
        lost()
        this.#log.debug({ error }, 'the bus did not take a message')
      })
      .finally(() => (this.#untaken -= bytes.length))
  }

  #hear(channel: Buffer, bytes: Buffer): void {
    const heard = this.#codec.decode(bytes)
    if (!heard) return this.#strangers.heard(bytes.length)
    const { from, message } = heard
    if (message.kind === 'beat' || message.kind === 'lapse' || message.kind === 'bye') {
      if (channel.toString() === ALL) this.#hearOf(from, message.kind)
      return
    }
    const document = message.kind === 'hint' ? message.hint.document : message.document
    if (from === this.instance || channelOf(document) !== channel.toString()) return
    for (const listener of this.#channels.get(document)?.listeners ?? []) {
      if (message.kind === 'hint') listener.hint(message.hint)
      else if (message.kind === 'presence') listener.presence(message.update, from)
      else listener.newcomer()
    }
  }

  #hearOf(instance: string, kind: 'beat' | 'lapse' | 'bye'): void {
    if (instance === this.instance) {
      if (kind === 'beat') this.#alive()
      return
    }
    if (kind === 'bye') this.#others.goodbye(instance)
    // It was taken for gone, and its people with it: they are here after all.
    else if (this.#others.heard(instance, performance.now())) this.#askWho(this.#channels.values())
    if (kind === 'lapse') this.#lapses++
  }

  #alive(): void {
    // Those that were opened in the silence are listened to first; then the next beat counts.
    const late = [...this.#channels.values()].filter(({ state }) => state === 'untold')
    if (late.length > 0) return this.#subscribe(late)
    const now = performance.now()
    if (!this.connected) {
      this.#lapses++
      this.#others.forgive(now)
      // Who took us for gone may have asked who is here as long as we were deaf.
      this.#tellAll((listener) => listener.newcomer())
    }
    this.#heardAt = now
    this.#tell(true)
  }

  #tell(connected: boolean): void {
    if (this.#told === connected) return
    this.#told = connected
    if (connected) this.#log.info({}, 'the bus on Redis is heard')
    else if (!this.#closed) this.#log.warn({}, 'the bus on Redis is not heard: asking the log')
  }
}

/** What is not about one document. */
const ALL = 'gloss:all'
const channelOf = (document: string): string => `gloss:d:${document}`

const OPTIONS = {
  connectTimeout: CONNECT_MS,
  maxRetriesPerRequest: null,
  keepAlive: 10_000,
  retryStrategy: (times: number) =>
    Math.min(2_000, 100 * 2 ** Math.min(times, 5)) * (0.5 + Math.random() / 2),
} satisfies RedisOptions
