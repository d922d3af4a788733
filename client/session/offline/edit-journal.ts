/**
 * EditJournal keeps edits on this device until they are acknowledged, one by one: the copy of the
 * document beside it has all of them together, from which the room cannot tell what each took along.
 */
import type { Edit } from '../ledger.ts'

/** How many edits the device had before, and the Yjs client: pages of one person keep theirs together. */
export type EditKey = [count: number, client: number]

export interface KeptEdit {
  key: EditKey
  update: Uint8Array
}

/** Where edits are kept. Nothing here throws or rejects. */
export interface EditStore {
  keep(edits: readonly KeptEdit[]): void
  forget(keys: readonly EditKey[]): void
}

/** So long an edit may wait for its ack before it is kept: mostly there is nothing to keep. */
const SOON_MS = 1_000

export class EditJournal {
  readonly #store: EditStore
  readonly #client: number
  #count: number
  readonly #keys = new Map<Edit, EditKey>()
  readonly #fresh = new Set<Edit>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `kept` is what the store has. */
  constructor(store: EditStore, client: number, kept: readonly KeptEdit[]) {
    this.#store = store
    this.#client = client
    this.#count = Math.max(0, ...kept.slice(-1).map(({ key: [count] }) => count))
  }

  /** An edit that the store has from an earlier page. */
  had(edit: Edit, { key }: KeptEdit): void {
    this.#keys.set(edit, key)
  }

  /** An edit was made; `soon` where its ack may be expected. */
  made(edit: Edit, soon: boolean): void {
    this.#fresh.add(edit)
    if (soon) this.#timer ??= setTimeout(() => this.keepAll(), SOON_MS)
    else this.keepAll()
  }

  /** From now on the store has all that is not acknowledged. */
  keepAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const edits: KeptEdit[] = []
    for (const edit of this.#fresh) {
      if (!edit.update) continue
      const key: EditKey = [++this.#count, this.#client]
      this.#keys.set(edit, key)
      edits.push({ key, update: edit.update })
    }
    this.#fresh.clear()
    if (edits.length > 0) this.#store.keep(edits)
  }

  acknowledged(edits: readonly Edit[]): void {
    const keys: EditKey[] = []
    for (const edit of edits) {
      this.#fresh.delete(edit)
      const key = this.#keys.get(edit)
      if (key) keys.push(key)
      this.#keys.delete(edit)
    }
    if (keys.length > 0) this.#store.forget(keys)
  }
}
