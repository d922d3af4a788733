/**
 * The store: what is durable. Documents and their log of updates, who owns which Yjs client, the
 * events of the SSE lane, the runs, the suggestions' item-id ranges, the guests. One port, the
 * same behind SQLite and Postgres; document-store.contract.ts says what every adapter must do.
 *
 * The log is the truth: `commit` is the only way in, and a resolved commit survives the process,
 * the machine's power and everybody's memory. Times are the database's own, in milliseconds.
 */
import type { ChunkState, LinkRole, RunStatus } from '#shared/protocol/api.ts'

export interface DocumentRow {
  id: string
  owner: string
  title: string
  linkRole: LinkRole
  state: 'active' | 'deleted'
  epoch: number
  /** Sequence of the last committed update; 0 where there is none. */
  head: number
  eventHead: number
  /** Bytes of snapshot and log together: what the size limit counts. */
  bytes: number
  createdAt: number
  updatedAt: number
}

/** An older snapshot, the log's beginning where there is none, and all updates after it. */
export interface DocumentPast {
  snapshot: { seq: number; data: Uint8Array } | undefined
  updates: LoggedUpdate[]
}

export interface LoadedDocument extends DocumentMargin {
  row: DocumentRow
  snapshot: { seq: number; data: Uint8Array } | undefined
  /** All updates after the snapshot, in order, without a gap. */
  updates: LoggedUpdate[]
}

/** What is known of a document beside its content. */
export interface DocumentMargin {
  /** Which user or run each Yjs client id belongs to. */
  clients: ReadonlyMap<number, string>
  /** Undecided and recently decided chunks with their item-id ranges. */
  chunks: StoredChunk[]
}

export interface LoggedUpdate {
  seq: number
  actor: string
  data: Uint8Array
}

/** Items `(client, from..to)`, `to` excluded: what a chunk owns, exactly. */
export interface ItemRange {
  client: number
  from: number
  to: number
}

export interface ItemId {
  client: number
  clock: number
}

/** What an edit was made for: the text as it was sent to the model, and what the edit does to it. */
export interface ChunkOriginal {
  /** The characters by id, in the order of `text`; an empty range is a line break, `\n`. */
  spans: ItemRange[]
  text: string
  /** Id of the block, where the edit is of the whole block. */
  block: string | null
  /** The characters around; `edge` where the block ends, null where that is not known. */
  before: ItemId | 'edge' | null
  behind: ItemId | 'edge' | null
  /** The text with the edit, as far as it is written. */
  proposal: string
  /** What the edit strikes, one string for each stretch; null until the chunk is complete. */
  struck: string[] | null
  /** Characters that stay, and right behind which the edit writes. */
  after: (ItemId & { character: string })[]
}

/** Why a chunk is stale: what it was made for is not the text any more. */
export interface ChunkStaleness {
  /** `changed`: people changed the text. `accepted`: another chunk for it was accepted. */
  kind: 'changed' | 'accepted'
  /** User id of whose change it was; null where that is not known. */
  by: string | null
  /** What was written in the original's stead, where that is known. */
  instead: ItemRange[]
  /** It was stale before it was complete. */
  early: boolean
}

export interface StoredChunk {
  id: string
  state: ChunkState
  kind: 'sentence' | 'block' | 'edit'
  ins: ItemRange[]
  /** What it strikes; of a stale chunk what it would strike, if the text were as it was. */
  del: ItemRange[]
  /** User id of who decided. */
  decidedBy: string | null
  decidedAt: number | null
  /** Null where it edits nothing, and in rows of before there were originals. */
  original: ChunkOriginal | null
  /** Set while the state is `stale`. */
  stale: ChunkStaleness | null
}

/** One transaction's worth for one document. All of it is committed, or nothing. */
export interface Commit {
  document: string
  epoch: number
  /** In order; each becomes one row of the log. May be empty. */
  updates: { actor: string; data: Uint8Array }[]
  /**
   * Users whose right to write is checked inside the transaction, when updates are theirs: the
   * owner may, others while `linkRole` is `edit`.
   */
  writers?: string[]
  /** New Yjs client ids. The first owner keeps one; another owner's claim refuses the commit. */
  clients?: { client: number; owner: string }[]
  /** Chunks as they are from now on (whole rows; ranges replaced). */
  chunks?: StoredChunk[]
  /** These must be undecided until now, else the commit is refused with `decided`. */
  undecided?: string[]
  /** Appended to the document's event log in order. */
  events?: { type: string; run: string; data: string }[]
  /** Kept under its key from now on, unless there is one. */
  answer?: KeptAnswer
  /** The run must be in one of these states and on this fence, else `fenced`. */
  run?: {
    id: string
    fence: number
    from: RunStatus[]
    /** Only while the lease has run out by the database's now: the sweeper's way in. */
    expired?: boolean
    /** A terminal status sets `endedAt`; `interrupted` raises the fence too. */
    set: Partial<Pick<RunRow, 'status' | 'tokens' | 'failure' | 'usage' | 'progress'>>
    /** Renews the lease by as much from the database's now; 0 leaves it. */
    leaseMs: number
  }
}

/** What somebody was told, for whoever asks again with the same key. */
export interface KeptAnswer {
  key: string
  /** What was asked, to tell a repetition from a key that is used for something else. */
  asked: string
  data: string
}

export type CommitRefusal =
  | 'gone'
  | 'epoch'
  | 'forbidden'
  | 'foreign-client'
  | 'decided'
  | 'fenced'
  | 'too-big'

export type CommitResult =
  | {
      ok: true /** First sequence written. */
      from: number
      head: number
      eventFrom: number
      eventHead: number
      at: number
    }
  | { ok: false; refusal: CommitRefusal }

export interface RunRow {
  id: string
  document: string
  requester: string
  requesterName: string
  command: string
  title: string
  instruction: string
  /** JSON of the request's target. */
  target: string
  key: string
  model: string
  status: RunStatus
  fence: number
  instance: string
  leaseUntil: number
  client: number
  tokens: number
  usage: string | null
  /** JSON `{kind, message, continuable}`. */
  failure: string | null
  /** The suggestion that it writes, where that is another run's; else its own id. */
  suggestion: string | null
  /** JSON of how far it has come (run-progress.ts); null where nothing is known of that. */
  progress: string | null
  startedAt: number
  endedAt: number | null
}

export interface EventRow {
  n: number
  type: string
  run: string
  data: string
  at: number
}

export interface UserRow {
  id: string
  name: string
  color: string
  createdAt: number
}

export interface DocumentStore {
  /** Creates with its first content, in one transaction. */
  createDocument(document: {
    id: string
    owner: string
    title: string
    first: Uint8Array
    client: number
  }): Promise<DocumentRow>
  getDocument(id: string): Promise<DocumentRow | undefined>
  /** Of these users and documents the ones that are there, by id; deleted documents too. */
  lookUp(ids: {
    users: readonly string[]
    documents: readonly string[]
  }): Promise<{ users: Map<string, UserRow>; documents: Map<string, DocumentRow> }>
  /** Owned by the user or opened by link before, not deleted, newest change first. */
  listDocuments(query: {
    user: string
    query?: string
    after?: { updatedAt: number; id: string }
    limit: number
  }): Promise<DocumentRow[]>
  changeDocument(
    id: string,
    set: { title?: string; linkRole?: LinkRole; state?: 'deleted' },
  ): Promise<DocumentRow | undefined>
  /** Brings a document back that was deleted no longer ago; undefined where there is none. */
  restoreDocument(id: string, withinMs: number): Promise<DocumentRow | undefined>
  /** Those of an owner that can still be restored, the last deleted first. */
  deletedDocuments(query: {
    owner: string
    withinMs: number
    limit: number
  }): Promise<(DocumentRow & { deletedAt: number })[]>
  /**
   * Takes away at most about `limit` rows of one document that was deleted longer ago, for good;
   * how many. 0: there is nothing left to take away.
   */
  purgeDeleted(olderThanMs: number, limit: number): Promise<number>
  /** Remembers that a user opened a document by its link. Idempotent. */
  visit(document: string, user: string): Promise<void>

  /** Newest valid snapshot and all after it, in one read transaction. Throws rather than return less. */
  load(id: string): Promise<LoadedDocument | undefined>
  /** What `load` says beside the content, without reading that. */
  loadMargin(id: string): Promise<DocumentMargin>
  /** Updates after `seq`; undefined where compaction has taken some of them: load again. */
  updatesAfter(id: string, epoch: number, seq: number): Promise<LoggedUpdate[] | undefined>
  /**
   * The newest snapshot older than `before` and all after it; undefined where that is not whole
   * any more, or of another epoch.
   */
  loadPast(id: string, epoch: number, before: number): Promise<DocumentPast | undefined>
  /** Of those that are there and not deleted. */
  heads(
    ids: readonly string[],
  ): Promise<Map<string, { epoch: number; head: number; eventHead: number }>>
  /**
   * One transaction over all: documents locked in id order, sequences given under the lock. A
   * refused commit writes nothing and does not stop the others. Rejects only when the outcome of
   * the whole transaction is a failure (`storage-full`, `unavailable`).
   */
  commit(commits: readonly Commit[]): Promise<CommitResult[]>
  /** Keeps a snapshot unless the epoch has changed or a newer one is there; true if kept. */
  putSnapshot(id: string, epoch: number, seq: number, data: Uint8Array): Promise<boolean>
  /**
   * Deletes rows that two newer snapshots and `olderThanMs` have made needless; their number.
   * Of old snapshots it leaves one an hour, after a day one a day.
   */
  trimLog(id: string, olderThanMs: number): Promise<number>

  /** What was answered under this key, by whichever instance. */
  answerTo(document: string, key: string): Promise<KeptAnswer | undefined>
  trimAnswers(olderThanMs: number): Promise<number>

  eventsAfter(document: string, n: number, limit: number): Promise<EventRow[]>
  /** The first event number still kept, or eventHead + 1 where none is. */
  firstEvent(document: string): Promise<number>
  trimEvents(olderThanMs: number): Promise<number>

  /** The run of this document and key when there is one already (`created: false`). */
  createRun(
    run: Omit<
      RunRow,
      'fence' | 'leaseUntil' | 'startedAt' | 'endedAt' | 'tokens' | 'usage' | 'failure'
    > & { leaseMs: number },
  ): Promise<{ created: boolean; run: RunRow }>
  getRun(id: string): Promise<RunRow | undefined>
  /** Live ones and those ended within the last day, oldest first. */
  listRuns(document: string): Promise<RunRow[]>
  /** Queued or streaming runs, everywhere. */
  countLiveRuns(): Promise<number>
  /** Extends the lease; false when the run is not live on this fence any more. */
  renewLease(id: string, fence: number, leaseMs: number): Promise<boolean>
  /** Live runs whose lease has run out, with their fence: candidates for `interrupted`. */
  expiredRuns(): Promise<RunRow[]>
  /** Has a live run stopped by the instance that owns it; the first who asks is remembered. */
  askStop(run: string, by: { id: string; name: string }): Promise<void>
  /** Live runs of this instance that somebody has asked to stop. */
  askedToStop(instance: string): Promise<{ run: string; by: { id: string; name: string } }[]>

  /**
   * Claims a name for so long; false while another holder has it. Whoever has it already has it
   * for longer. Nothing else is meant by it: what it stands for is the callers' to agree on.
   */
  claim(name: string, holder: string, ms: number): Promise<boolean>
  /** Gives it back, if this holder has it. */
  unclaim(name: string, holder: string): Promise<void>
  /** Whether the document takes back what people's pages have of it, after a restore. */
  takesBack(document: string): Promise<boolean>

  createUser(user: { id: string; name: string; color: string }): Promise<UserRow>
  getUser(id: string): Promise<UserRow | undefined>
  changeUser(id: string, set: { name?: string; color?: string }): Promise<UserRow | undefined>

  /** Resolves if the database takes a write right now. Throws `unavailable` or `storage-full`. */
  probe(): Promise<void>
  close(): Promise<void>
}
