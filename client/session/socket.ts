/**
 * The sync socket: y-websocket's provider with four things added. It counts what it sends, hears
 * the acks, lets changes in through the gate alone, and goes by plain requests where it must.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import {
  messageYjsSyncStep1,
  messageYjsSyncStep2,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import { type Doc, encodeStateVector } from 'yjs'
import { SCHEMA_VERSION } from '#shared/document/shape.ts'
import { isPermanent } from '#shared/protocol/close-codes.ts'
import { ACK, NACK } from '#shared/protocol/frame.ts'
import { api } from './api.ts'
import { HttpSocket } from './http-socket.ts'
import type { Edit } from './ledger.ts'
import { editsSingly } from './offline/edits-singly.ts'
import { Paced } from './offline/paced.ts'
import { Roads } from './roads.ts'

const SYNC = 0
const MIN_BACKOFF_MS = 500
const MAX_BACKOFF_MS = 10_000
/** Doublings after which the provider's own wait is beyond any of ours. */
const PROVIDER_WAITS_LONGER = 20

export interface SocketEvents {
  /** Another connection begins: numbers start again. */
  connecting(): void
  /** The edit that was made last and is not acknowledged. */
  newest(): Edit | undefined
  /** A message went out that was made when this edit was the newest. */
  sentUpdate(newest: Edit | undefined): void
  sentAll(newest: Edit | undefined): void
  /** A message of those that come before a step 2: only that one carries edits. */
  sentNothing(): void
  /** Edits that are not acknowledged, if they are all that the server can lack. */
  waiting(): Uint8Array[] | undefined
  acknowledged(count: number): void
  /** The connection was closed for good. */
  refused(code: number): void
  /** One message was not taken; the connection goes on. */
  notTaken(message: number, code: number): void
  /** Somebody else's change. */
  received(update: Uint8Array): void
  /** All that this tab lacked: when this returns the document has it. */
  receivedAll(update: Uint8Array): void
}

/** `open` is false where the page must not send yet or any more. */
export function openSocket(
  url: string,
  document: string,
  doc: Doc,
  /** Of the history that this tab holds; the server refuses it once the document was restored. */
  epoch: number,
  events: SocketEvents,
): { provider: WebsocketProvider; roads: Roads } {
  const socket = counted(WebSocket, events)
  const provider = new WebsocketProvider(url, document, doc, {
    connect: false,
    disableBc: true,
    params: { epoch: String(epoch), schema: String(SCHEMA_VERSION) },
    WebSocketPolyfill: socket,
    maxBackoffTime: MAX_BACKOFF_MS,
    shouldReconnect: ({ code }) => !isPermanent(code),
  })
  const http = counted(HttpSocket as unknown as typeof WebSocket, events)
  const roads = new Roads({ provider, kinds: { socket, http }, reaches: api.reaches })
  // The provider waits the shorter of its own doubling and this: ours decides, and is never the
  // same for all clients that lose the server at one instant.
  let failures = 0
  provider.on('connection-close', () => {
    provider.wsUnsuccessfulReconnects = PROVIDER_WAITS_LONGER
    provider.maxBackoffTime = backOff(failures++)
  })
  provider.on('sync', (synced) => {
    if (synced) failures = 0
  })
  provider.on('closed', ({ code }) => events.refused(code))

  provider.messageHandlers[SYNC] = (encoder, decoder, _provider, emitSynced) => {
    roads.heard()
    const step = decoding.readVarUint(decoder)
    const bytes = decoding.readVarUint8Array(decoder)
    if (step === messageYjsSyncStep1) {
      const edits = editsSingly(doc, bytes, events.waiting() ?? [])
      for (const frame of edits ? [nothingFrame(), ...edits.map(updateFrame)] : []) {
        CARRIED_LATER.add(frame)
        provider.ws?.send(frame)
      }
      encoding.writeVarUint(encoder, SYNC)
      // Behind the edits there is nothing but to compare what is deleted.
      writeSyncStep2(encoder, doc, edits ? encodeStateVector(doc) : bytes)
      return
    }
    if (step !== messageYjsSyncStep2) return events.received(bytes)
    events.receivedAll(bytes)
    if (emitSynced) provider.synced = true
  }
  provider.messageHandlers[ACK] = (_encoder, decoder) => {
    const count = decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    events.acknowledged(count)
  }
  provider.messageHandlers[NACK] = (_encoder, decoder) => {
    const message = decoding.readVarUint(decoder)
    events.notTaken(message, decoding.readVarUint(decoder))
  }
  return { provider, roads }
}

/** Messages that come before the step 2 which counts as carrying them. */
const CARRIED_LATER = new WeakSet<Uint8Array>()

/** The step 2 of somebody who has nothing. */
const nothingFrame = () =>
  frameOf((encoder) => {
    encoding.writeVarUint(encoder, messageYjsSyncStep2)
    encoding.writeVarUint8Array(encoder, Uint8Array.of(0, 0))
  })

const updateFrame = (update: Uint8Array) => frameOf((encoder) => writeUpdate(encoder, update))

function frameOf(write: (encoder: encoding.Encoder) => void): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, SYNC)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

/** A socket that sends no faster than the server takes it, and tells what is sent. */
function counted(Base: typeof WebSocket, events: SocketEvents): typeof WebSocket {
  return class CountingSocket extends Base {
    readonly #pace = new Paced()

    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      events.connecting()
    }

    override send(data: Uint8Array<ArrayBuffer>): void {
      const tell = telling(data, events)
      this.#pace.send(() => {
        // What waited on a connection that is gone goes with the next one.
        if (this.readyState !== WebSocket.OPEN) return this.#pace.close()
        tell()
        super.send(data)
      })
    }
  }
}

/** What is told of a message when it goes out; to be called when it is made. */
function telling(data: Uint8Array, events: SocketEvents): () => void {
  const [type, step] = data
  if (type !== SYNC || step === messageYjsSyncStep1) return () => undefined
  if (CARRIED_LATER.has(data)) return () => events.sentNothing()
  const newest = events.newest()
  return step === messageYjsSyncStep2
    ? () => events.sentAll(newest)
    : () => events.sentUpdate(newest)
}

/** Doubles from half a second to ten, minus up to half by chance. */
export function backOff(failures: number, random = Math.random()): number {
  return Math.max(
    MIN_BACKOFF_MS,
    Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** (failures + 1)) * (1 - random / 2),
  )
}

/** Asks for everything that this tab lacks. */
export function askAgain(provider: WebsocketProvider): void {
  const { ws, doc } = provider
  if (ws?.readyState !== WebSocket.OPEN) return
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, SYNC)
  writeSyncStep1(encoder, doc)
  ws.send(encoding.toUint8Array(encoder))
}
