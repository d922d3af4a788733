/**
 * Rows of users and documents as they are in the embedded database, kept on the near side of its
 * thread: everybody who comes is asked who they are and for a document, and ten of a room ask for
 * the same. All writing goes by here, so a row is forgotten before a call that changes it is sent,
 * and not kept again while that call is under way: what is known is never older than the question.
 */
import type { Commit, DocumentRow, DocumentStore, UserRow } from './document-store.ts'
import type { StoreCall } from './sqlite-calls.ts'

const MOST = 10_000

type Ids = Parameters<DocumentStore['lookUp']>[0]
type Rows = Awaited<ReturnType<DocumentStore['lookUp']>>

const NONE: readonly string[] = []
const none = () => NONE
const ofUser = (id: string) => `user ${id}`
const ofDocument = (id: string) => `document ${id}`
const ofTheFirst = ([id]: unknown[]) => [ofDocument(String(id))]

/** Which rows a call of the port may change. Each of them is here, so that a new one is asked too. */
const CHANGES: Readonly<Record<StoreCall, (given: unknown[]) => readonly string[]>> = {
  commit: ([commits]) => (commits as Commit[]).map(({ document }) => ofDocument(document)),
  changeDocument: ofTheFirst,
  restoreDocument: ofTheFirst,
  putSnapshot: ofTheFirst,
  changeUser: ([id]) => [ofUser(String(id))],
  // They make rows, which nobody can know before, or change none of these two tables.
  createDocument: none,
  createUser: none,
  getDocument: none,
  getUser: none,
  lookUp: none,
  listDocuments: none,
  visit: none,
  load: none,
  loadMargin: none,
  updatesAfter: none,
  loadPast: none,
  heads: none,
  trimLog: none,
  eventsAfter: none,
  firstEvent: none,
  trimEvents: none,
  createRun: none,
  getRun: none,
  listRuns: none,
  countLiveRuns: none,
  renewLease: none,
  expiredRuns: none,
  askStop: none,
  askedToStop: none,
  claim: none,
  unclaim: none,
  takesBack: none,
  probe: none,
  close: none,
  deletedDocuments: none,
  answerTo: none,
  trimAnswers: none,
  // It takes away deleted documents, whichever are due: their rows are not kept.
  purgeDeleted: none,
}

export class KnownRows {
  readonly #rows = new Map<string, UserRow | DocumentRow>()
  /** How many calls that are under way may change a row. */
  readonly #changing = new Map<string, number>()
  /** For each question under way the rows that nobody has changed since it was asked. */
  readonly #asking = new Set<Set<string>>()

  /** Undefined unless all of them are known. */
  lookUp({ users, documents }: Ids): Rows | undefined {
    const known: Rows = { users: new Map(), documents: new Map() }
    for (const id of users) {
      const row = this.#rows.get(ofUser(id))
      if (!row) return undefined
      known.users.set(id, row as UserRow)
    }
    for (const id of documents) {
      const row = this.#rows.get(ofDocument(id))
      if (!row) return undefined
      known.documents.set(id, row as DocumentRow)
    }
    return known
  }

  /** To be called before these are asked for; what it returns, with what was found, if anything. */
  ask({ users, documents }: Ids): (found?: Rows) => void {
    const names = [...users.map(ofUser), ...documents.map(ofDocument)]
    const steady = new Set(names.filter((name) => !this.#changing.has(name)))
    this.#asking.add(steady)
    return (found) => {
      this.#asking.delete(steady)
      for (const [id, row] of found?.users ?? []) {
        if (steady.has(ofUser(id))) this.#keep(ofUser(id), row)
      }
      for (const [id, row] of found?.documents ?? []) {
        if (row.state === 'deleted' || !steady.has(ofDocument(id))) continue
        this.#keep(ofDocument(id), row)
      }
    }
  }

  /** To be called before a call is sent; what it returns, when the call has ended, however it has. */
  change(call: StoreCall, given: unknown[]): (() => void) | undefined {
    const names = CHANGES[call](given)
    if (names.length === 0) return undefined
    for (const name of names) {
      this.#rows.delete(name)
      this.#changing.set(name, (this.#changing.get(name) ?? 0) + 1)
      for (const steady of this.#asking) steady.delete(name)
    }
    return () => {
      for (const name of names) {
        const left = (this.#changing.get(name) ?? 0) - 1
        if (left > 0) this.#changing.set(name, left)
        else this.#changing.delete(name)
      }
    }
  }

  /** Where there are too many the oldest goes. */
  #keep(name: string, row: UserRow | DocumentRow): void {
    const [oldest] = this.#rows.size >= MOST ? this.#rows.keys() : []
    if (oldest !== undefined) this.#rows.delete(oldest)
    this.#rows.set(name, row)
  }
}
