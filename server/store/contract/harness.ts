/** What the contract's tests stand on: a database of their own, and short words for common rows. */
import type { Commit, CommitResult, DocumentStore } from '../document-store.ts'

export interface StoreHarness extends AsyncDisposable {
  readonly store: DocumentStore
  /** Closes the store and opens it again on the same database; `store` is the new one. */
  reopen(): Promise<void>
  /** Runs a statement behind the store's back, as a faulty disk or a careless person would. */
  execute(statement: string): Promise<void>
}

/** Opens a store on a fresh, empty database. */
export type OpenStore = (limits?: { documentBytes: number }) => Promise<StoreHarness>

export const DAY_MS = 24 * 3600 * 1000

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data)

/** The document `plan` of Ada, with one update, `first`. */
export async function withPlan(store: DocumentStore): Promise<void> {
  await makeDocument(store, 'plan')
}

export async function makeDocument(store: DocumentStore, id: string, owner = 'ada') {
  return store.createDocument({ id, owner, title: id, first: bytes('first'), client: 1 })
}

/** A commit to `plan` of one update for each word. */
export function writing(words: string[], more: Partial<Commit> = {}): Commit {
  const updates = words.map((word) => ({ actor: 'ada', data: bytes(word) }))
  return { document: 'plan', epoch: 1, updates, ...more }
}

/** Commits one and returns its answer. */
export async function commitOne(store: DocumentStore, commit: Commit): Promise<CommitResult> {
  const [result] = await store.commit([commit])
  if (!result) throw new Error('a commit without an answer')
  return result
}

export async function refusalOf(store: DocumentStore, commit: Commit): Promise<string> {
  const result = await commitOne(store, commit)
  return result.ok ? 'accepted' : result.refusal
}

/** The words of the log as it is loaded. */
export async function wordsOf(store: DocumentStore, document: string): Promise<string[]> {
  const loaded = await store.load(document)
  return (loaded?.updates ?? []).map(({ data }) => text(data))
}

export function aRun(more: Partial<Parameters<DocumentStore['createRun']>[0]> = {}) {
  return {
    id: 'r1',
    document: 'plan',
    requester: 'ada',
    requesterName: 'Ada',
    command: 'continue',
    title: 'Continue',
    instruction: '',
    target: '{"document":true}',
    key: 'k1',
    model: 'built-in',
    status: 'streaming' as const,
    instance: 'one',
    client: 77,
    suggestion: null,
    progress: null,
    leaseMs: 60_000,
    ...more,
  }
}
