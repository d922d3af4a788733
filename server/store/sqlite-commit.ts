/**
 * The short way into SQLite's log, for what typing comes to: commits of updates, with or without
 * new Yjs clients. The answers are commit-plan.ts's, as on the long way (commit.ts); the
 * statements are prepared once, and nothing is built or awaited for each.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Limits } from '#shared/protocol/limits.ts'
import { updateSum } from './checksum.ts'
import { CommitPlan, type CommitState, within } from './commit-plan.ts'
import type { Commit, CommitResult } from './document-store.ts'
import { sqliteDialect } from './node-sqlite.ts'
import type { DocumentsTable } from './schema.ts'

export class SqliteCommits {
  readonly #database: DatabaseSync
  readonly #limits: Pick<Limits, 'documentBytes'>
  readonly #begin: StatementSync
  readonly #end: StatementSync
  readonly #document: StatementSync
  readonly #client: StatementSync
  readonly #grow: StatementSync
  readonly #addUpdate: StatementSync
  readonly #addClient: StatementSync

  constructor(database: DatabaseSync, limits: Pick<Limits, 'documentBytes'>) {
    this.#database = database
    this.#limits = limits
    const prepare = (sql: string) => database.prepare(sql)
    this.#begin = prepare('begin immediate')
    this.#end = prepare('commit')
    this.#document = prepare(
      `select *, cast(round(unixepoch('subsec') * 1000) as integer) as now
       from documents where id = ?`,
    )
    this.#client = prepare(
      'select owner from document_clients where document_id = ? and client_id = ?',
    )
    this.#grow = prepare('update documents set head = ?, bytes = ?, updated_at = ? where id = ?')
    this.#addUpdate = prepare(
      `insert into document_updates (document_id, epoch, seq, actor, data, crc32, at)
       values (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#addClient = prepare(
      'insert into document_clients (document_id, client_id, owner) values (?, ?, ?)',
    )
  }

  /**
   * One transaction over all, or undefined, with nothing done, where one of them needs the long
   * way. Throws what the database's failure means to the product.
   */
  take(commits: readonly Commit[]): CommitResult[] | undefined {
    if (this.#database.isTransaction || !commits.every(isPlain)) return undefined
    try {
      this.#begin.run()
      const state = this.#read(commits)
      const plan = new CommitPlan(state, this.#limits)
      const results = commits.map((commit) => plan.take(commit))
      this.#write(plan, state.now)
      this.#end.run()
      return results
    } catch (error) {
      // A full disk ends a transaction by itself.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw sqliteDialect.failure(error)
    }
  }

  #read(commits: readonly Commit[]): CommitState {
    const documents = new Map<string, DocumentsTable>()
    const owners = new Map<string, string>()
    let now = 0
    for (const { document, clients = [] } of commits) {
      if (!documents.has(document)) {
        const row = this.#document.get(document)
        if (row) documents.set(document, row as unknown as DocumentsTable)
        if (row && now === 0) now = Number(row.now)
      }
      for (const { client } of clients) {
        const owner = this.#client.get(document, client)?.owner
        if (typeof owner === 'string') owners.set(within(document, client), owner)
      }
    }
    return { now, documents, clients: owners, decided: new Set(), runs: new Map() }
  }

  #write({ documents, updates, clients }: CommitPlan, now: number): void {
    for (const { id, head, bytes, updated_at } of documents.values()) {
      this.#grow.run(head, bytes, updated_at, id)
    }
    for (const { document, epoch, seq, actor, data } of updates) {
      this.#addUpdate.run(document, epoch, seq, actor, data, updateSum(data), now)
    }
    for (const { document, client, owner } of clients) this.#addClient.run(document, client, owner)
  }
}

function isPlain({ chunks, undecided, events, run, answer }: Commit): boolean {
  return !chunks?.length && !undecided?.length && !events?.length && !run && !answer
}
