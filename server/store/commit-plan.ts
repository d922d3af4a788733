/**
 * What a commit comes to, without a database: from the rows as they are under the lock and the
 * commits in their order, each one's answer and all the rows to write. Knows every refusal.
 */
import type { RunStatus } from '#shared/protocol/api.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type {
  Commit,
  CommitRefusal,
  CommitResult,
  KeptAnswer,
  RunRow,
  StoredChunk,
} from './document-store.ts'
import type { DocumentsTable } from './schema.ts'

/** The rows that the commits are about, read under their locks. `take` carries them forward. */
export interface CommitState {
  /** The database's clock. */
  now: number
  documents: Map<string, DocumentsTable>
  /** Owners of Yjs clients, by `within(document, client)`. */
  clients: Map<string, string>
  /** Chunks that are accepted or rejected, by `within(document, chunk)`. */
  decided: Set<string>
  runs: Map<string, RunState>
}

export type RunState = Pick<
  RunRow,
  | 'document'
  | 'status'
  | 'fence'
  | 'leaseUntil'
  | 'tokens'
  | 'failure'
  | 'usage'
  | 'progress'
  | 'endedAt'
>

export interface LogRow {
  document: string
  epoch: number
  seq: number
  actor: string
  data: Uint8Array
}

const ENDED: readonly RunStatus[] = ['finished', 'stopped', 'failed', 'interrupted']

/** A key for what is unique within a document only. */
export const within = (document: string, name: string | number): string => `${document}/${name}`

export const isDecided = ({ state }: Pick<StoredChunk, 'state'>): boolean =>
  state === 'accepted' || state === 'rejected'

export class CommitPlan {
  readonly updates: LogRow[] = []
  readonly clients: { document: string; client: number; owner: string }[] = []
  /** The last state of each chunk, by `within(document, chunk)`. */
  readonly chunks = new Map<string, { document: string; chunk: StoredChunk }>()
  readonly events: { document: string; n: number; type: string; run: string; data: string }[] = []
  readonly answers: ({ document: string } & KeptAnswer)[] = []
  readonly documents = new Map<string, DocumentsTable>()
  readonly runs = new Map<string, RunState>()
  readonly #state: CommitState
  readonly #limits: Pick<Limits, 'documentBytes'>

  constructor(state: CommitState, limits: Pick<Limits, 'documentBytes'>) {
    this.#state = state
    this.#limits = limits
  }

  /** Answers one commit, and plans its rows unless it is refused. */
  take(commit: Commit): CommitResult {
    const document = this.#state.documents.get(commit.document)
    if (!document || document.state === 'deleted') return { ok: false, refusal: 'gone' }
    const refusal = this.#refusal(commit, document)
    if (refusal) return { ok: false, refusal }

    const from = document.head + 1
    const eventFrom = document.event_head + 1
    this.#takeUpdates(commit, document)
    this.#takeEvents(commit, document)
    this.#takeClients(commit)
    this.#takeChunks(commit)
    this.#takeRun(commit)
    if (commit.answer) this.answers.push({ document: commit.document, ...commit.answer })
    const { head, event_head: eventHead } = document
    return { ok: true, from, head, eventFrom, eventHead, at: this.#state.now }
  }

  #refusal(commit: Commit, document: DocumentsTable): CommitRefusal | undefined {
    if (document.epoch !== commit.epoch) return 'epoch'
    if (!mayWrite(commit.writers ?? [], document)) return 'forbidden'
    if (this.#foreignClient(commit)) return 'foreign-client'
    const { decided } = this.#state
    if (commit.undecided?.some((chunk) => decided.has(within(document.id, chunk)))) return 'decided'
    if (this.#fenced(commit)) return 'fenced'
    const added = bytesOf(commit)
    if (added > 0 && document.bytes + added > this.#limits.documentBytes) return 'too-big'
    return undefined
  }

  #foreignClient({ document, clients = [] }: Commit): boolean {
    const claimed = new Map<number, string>()
    return clients.some(({ client, owner }) => {
      const holder = this.#state.clients.get(within(document, client)) ?? claimed.get(client)
      claimed.set(client, owner)
      return holder !== undefined && holder !== owner
    })
  }

  #fenced({ document, run: wanted }: Commit): boolean {
    if (!wanted) return false
    const run = this.#state.runs.get(wanted.id)
    if (!run || run.document !== document || run.fence !== wanted.fence) return true
    if (!wanted.from.includes(run.status)) return true
    return wanted.expired === true && run.leaseUntil >= this.#state.now
  }

  #takeUpdates(commit: Commit, document: DocumentsTable): void {
    if (commit.updates.length === 0) return
    for (const { actor, data } of commit.updates) {
      document.head += 1
      const { id, epoch, head: seq } = document
      this.updates.push({ document: id, epoch, seq, actor, data })
    }
    document.bytes += bytesOf(commit)
    document.updated_at = this.#state.now
    this.documents.set(document.id, document)
  }

  #takeEvents({ events = [] }: Commit, document: DocumentsTable): void {
    if (events.length === 0) return
    for (const { type, run, data } of events) {
      document.event_head += 1
      this.events.push({ document: document.id, n: document.event_head, type, run, data })
    }
    this.documents.set(document.id, document)
  }

  #takeClients({ document, clients = [] }: Commit): void {
    for (const { client, owner } of clients) {
      const key = within(document, client)
      if (this.#state.clients.has(key)) continue
      this.#state.clients.set(key, owner)
      this.clients.push({ document, client, owner })
    }
  }

  #takeChunks({ document, chunks = [] }: Commit): void {
    for (const chunk of chunks) {
      const key = within(document, chunk.id)
      if (isDecided(chunk)) this.#state.decided.add(key)
      else this.#state.decided.delete(key)
      this.chunks.set(key, { document, chunk })
    }
  }

  #takeRun({ run: wanted }: Commit): void {
    const run = wanted && this.#state.runs.get(wanted.id)
    if (!run) return
    Object.assign(run, wanted.set)
    if (wanted.leaseMs > 0) run.leaseUntil = this.#state.now + wanted.leaseMs
    if (wanted.set.status && ENDED.includes(wanted.set.status)) run.endedAt = this.#state.now
    // Its owner was taken for dead. Should it wake up, it finds another fence.
    if (wanted.set.status === 'interrupted') run.fence += 1
    this.runs.set(wanted.id, run)
  }
}

const mayWrite = (writers: string[], { owner, link_role }: DocumentsTable): boolean =>
  link_role === 'edit' || writers.every((writer) => writer === owner)

const bytesOf = ({ updates }: Commit): number =>
  updates.reduce((sum, { data }) => sum + data.byteLength, 0)
