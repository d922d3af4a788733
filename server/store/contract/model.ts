/** A store of plain maps: what a commit means, said a second time and as simply as possible. */
import type {
  Commit,
  CommitResult,
  DocumentRow,
  LoggedUpdate,
  RunRow,
  StoredChunk,
} from '../document-store.ts'

interface ModelDocument {
  owner: string
  linkRole: DocumentRow['linkRole']
  deleted: boolean
  head: number
  eventHead: number
  bytes: number
  log: LoggedUpdate[]
  snapshots: { seq: number; data: Uint8Array }[]
  clients: Map<number, string>
  chunks: Map<string, StoredChunk>
  events: { n: number; type: string; run: string; data: string }[]
}

export class Model {
  readonly documents = new Map<string, ModelDocument>()
  readonly runs = new Map<string, RunRow>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  create(id: string, owner: string, first: Uint8Array): void {
    this.documents.set(id, {
      owner,
      linkRole: 'none',
      deleted: false,
      head: 1,
      eventHead: 0,
      bytes: first.byteLength,
      log: [{ seq: 1, actor: owner, data: first }],
      snapshots: [],
      clients: new Map([[1, owner]]),
      chunks: new Map(),
      events: [],
    })
  }

  document(id: string): ModelDocument {
    const document = this.documents.get(id)
    if (!document) throw new Error(`the model has no document ${id}`)
    return document
  }

  commit(commit: Commit): Omit<Extract<CommitResult, { ok: true }>, 'at'> | CommitResult {
    const document = this.documents.get(commit.document)
    const run = commit.run && this.runs.get(commit.run.id)
    const no = (refusal: Extract<CommitResult, { ok: false }>['refusal']) =>
      ({ ok: false, refusal }) as const
    if (!document || document.deleted) return no('gone')
    if (commit.epoch !== 1) return no('epoch')
    for (const writer of commit.writers ?? []) {
      if (writer !== document.owner && document.linkRole !== 'edit') return no('forbidden')
    }
    const clients = new Map(document.clients)
    for (const { client, owner } of commit.clients ?? []) {
      if ((clients.get(client) ?? owner) !== owner) return no('foreign-client')
      clients.set(client, owner)
    }
    for (const id of commit.undecided ?? []) {
      if (['accepted', 'rejected'].includes(document.chunks.get(id)?.state ?? ''))
        return no('decided')
    }
    if (commit.run) {
      const { fence, from } = commit.run
      const mine = run?.document === commit.document && run.fence === fence
      if (!mine || !from.includes(run.status)) return no('fenced')
    }
    const size = commit.updates.map(({ data }) => data.length).reduce((a, b) => a + b, 0)
    if (size > 0 && document.bytes + size > this.#limit) return no('too-big')

    const from = document.head + 1
    const eventFrom = document.eventHead + 1
    for (const update of commit.updates) document.log.push({ seq: ++document.head, ...update })
    for (const event of commit.events ?? []) {
      document.events.push({ n: ++document.eventHead, ...event })
    }
    document.bytes += size
    document.clients = clients
    for (const chunk of commit.chunks ?? []) document.chunks.set(chunk.id, chunk)
    if (run && commit.run) {
      const { set } = commit.run
      Object.assign(run, set)
      if (set.status === 'interrupted') run.fence += 1
      if (set.status && !['queued', 'streaming'].includes(set.status)) run.endedAt = 1
    }
    return { ok: true, from, head: document.head, eventFrom, eventHead: document.eventHead }
  }

  snapshot(id: string, seq: number, data: Uint8Array): boolean {
    const document = this.document(id)
    const newest = document.snapshots.at(-1)?.seq ?? 0
    if (seq <= newest || seq > document.head) return false
    document.snapshots.push({ seq, data })
    const after = document.log.filter((update) => update.seq > seq)
    document.bytes = data.length + after.reduce((sum, update) => sum + update.data.length, 0)
    return true
  }

  trim(id: string): number {
    const document = this.document(id)
    const upTo = document.snapshots.at(-2)?.seq ?? 0
    const kept = document.log.filter(({ seq }) => seq > upTo)
    const trimmed = document.log.length - kept.length
    document.log = kept
    return trimmed
  }

  loaded(id: string) {
    const { snapshots, log, clients, chunks } = this.document(id)
    const snapshot = snapshots.at(-1)
    return {
      snapshot,
      updates: log.filter(({ seq }) => seq > (snapshot?.seq ?? 0)),
      clients,
      chunks: [...chunks.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    }
  }
}
