/**
 * RoomParts furnishes a room and says who tells whom: the log's next update goes to the transcript and the
 * study, then to the peers; what a peer says goes by the lobby to the committer. It decides nothing.
 */
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { DocumentStore, LoadedDocument } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Committer } from './committer.ts'
import { EventFeed } from './event-feed.ts'
import type { InspectionDesk } from './inspection-desk.ts'
import { Lobby } from './lobby.ts'
import { Outbox } from './outbox.ts'
import { Presence } from './presence.ts'
import { Replica } from './replica.ts'
import { StudyDoor } from './study-door.ts'
import { Transcript } from './transcript.ts'

export interface RoomDeps {
  store: DocumentStore
  bus: Bus
  committer: Committer
  desk: InspectionDesk
  metrics: Metrics
  limits: Limits
  log: Log
  /** So much was added to the log from here. */
  written(rows: number, bytes: number): void
  /** So much was in the log after its snapshot when the room was loaded. */
  found(rows: number, bytes: number): void
}

export interface RoomParts {
  replica: Replica
  presence: Presence
  events: EventFeed
  door: StudyDoor
  lobby: Lobby
}

/** `lost` is told when a part cannot be trusted any more; it may be told more than once. */
export function furnish(
  loaded: LoadedDocument,
  deps: RoomDeps,
  lost: (error: GlossError) => void,
): RoomParts {
  const { store, bus, committer, desk, metrics, limits, log } = deps
  const { id } = loaded.row
  const outbox = new Outbox()
  const transcript = new Transcript(loaded)
  deps.found(loaded.updates.length, sumOf(loaded.updates.map(({ data }) => data)))
  const events = new EventFeed(
    {
      document: id,
      store,
      failed: (cause) => lost(new GlossError('unavailable', 'events cannot be read', cause)),
    },
    loaded.row.eventHead,
  )
  const replica: Replica = new Replica({
    id,
    store,
    bus,
    committer,
    metrics,
    lacksPast: (update) => door.study?.lacksPast(update) ?? false,
    readPast: (epoch, head) => door.study?.readPast(epoch, head) ?? Promise.resolve(),
    apply: (update, known) => {
      transcript.add(update)
      if (known.has) door.study?.noteCommitted(update)
      else door.study?.apply(update, known)
    },
    send: (outgoing, soon) => {
      if (soon) for (const { update } of outgoing) outbox.updateSoon(update)
      else outbox.updates(outgoing)
    },
    events: (head, own) => events.reach(head, own),
    applied: (foreign) => door.applied(foreign),
    written: (updates) => deps.written(updates.length, sumOf(updates)),
    lost,
  })
  replica.begin(loaded)
  const presence = new Presence({
    limits,
    toPeers: (update) => outbox.awareness(update),
    toBus: (update) => bus.publishPresence(id, update),
  })
  const { chunks } = loaded
  const door = new StudyDoor({ transcript, replica, presence, chunks, store, limits, log, lost })
  const lobby = new Lobby({
    replica,
    transcript,
    doc: () => door.open().doc,
    takesBack: () => store.takesBack(id),
    whenCommitted: (act) => (door.study ? door.study.writes.whenCommitted(act) : act()),
    isCommitted: () => door.study?.writes.isCommitted ?? true,
    outbox,
    presence,
    desk,
    backlog: committer.backlog,
    limits,
    metrics,
  })
  return { replica, presence, events, door, lobby }
}

const sumOf = (updates: readonly Uint8Array[]): number =>
  updates.reduce((sum, { length }) => sum + length, 0)
