/**
 * A wire: the way to one client, whatever carries the frames. A connection hears and speaks over
 * it; a WebSocket is one kind of wire. It knows frames as bytes, and nothing of what they mean.
 */
import type { CloseCode } from '#shared/protocol/close-codes.ts'

export interface Wire {
  /** False from the close on, whoever closed it. */
  readonly open: boolean
  /** Bytes that were sent and that nobody has taken yet. */
  readonly waiting: number
  /** To be called once, before anything else. */
  listen(ear: Ear): void
  /** Sends one frame behind those before it. Never throws; forgets it when closed. */
  send(frame: Uint8Array): void
  /** Asks for a sign of life, where the client gives none by itself. */
  ping(): void
  /** A last word behind all that was sent. Idempotent. */
  close(code: CloseCode, reason: string): void
  /** The same, but what still waits is forgotten: it would never be read. */
  drop(code: CloseCode, reason: string): void
  /** Ends it at once and says nothing. */
  terminate(): void
  /** Stops reading: what the client sends waits with the client. */
  pause(): void
  resume(): void
}

/** Who listens at this end of a wire. */
export interface Ear {
  /** A whole frame, or what pretends to be one; the bytes are the listener's to keep. */
  message(frame: Uint8Array): void
  /** A sign of life that carries no frame. */
  heard(): void
  /** Something has begun to wait, or some of what was `waiting` has been taken. */
  progress(): void
  /** Told once; nothing is heard after it. */
  closed(): void
  /** For the log; `closed` follows. */
  failed(error: Error): void
}
