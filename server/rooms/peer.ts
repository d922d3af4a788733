/** A connection as a room sees it. What is behind it (a WebSocket, a test) is not the room's to know. */
import type { CloseCode } from '#shared/protocol/close-codes.ts'

export interface Who {
  readonly id: string
  readonly name: string
  readonly color: string
}

export interface Peer {
  /** Unique on this instance. */
  readonly id: string
  readonly user: Who
  /** False for a viewer: its updates are refused. May change while connected. */
  canWrite: boolean
  /** Reads too slowly: updates and presence are kept from it until the room is told to `resync`. */
  readonly behind?: boolean
  /** Sends one encoded frame; never throws; drops it when the connection is gone. */
  send(frame: Uint8Array): void
  close(code: CloseCode, reason: string): void
  /** Asks what the person is called now; `user` is that when it resolves. */
  lookAgain?(): Promise<void>
}
