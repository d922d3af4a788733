/**
 * The rooms of this instance. A room opens for the first who holds it and is dropped a while
 * after the last has let go; two who come at once share one opening.
 */
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Room } from './room.ts'

export interface RoomRegistryDeps {
  store: DocumentStore
  bus: Bus
  log: Log
  metrics: Metrics
  limits: Limits
}

/** A hold on a room. The room stays open until every hold is released. */
export interface RoomHold {
  readonly room: Room
  release(): void
}

export class RoomRegistry {
  constructor(_deps: RoomRegistryDeps) {
    throw new Error('being written')
  }

  /** Throws `not-found`, `gone` (deleted) or `unavailable` (could not be read whole). */
  hold(_id: string): Promise<RoomHold> {
    throw new Error('being written')
  }
  /** The room if it is open here, without opening it. */
  peek(_id: string): Room | undefined {
    throw new Error('being written')
  }
  get size(): number {
    throw new Error('being written')
  }
  /** Ends the runs' pens, drains the commits, closes every peer with 1012. Idempotent. */
  close(): Promise<void> {
    throw new Error('being written')
  }
}
