/** The copy on this device: IndexedDB, one database for each person and document. */
import { IndexeddbPersistence } from 'y-indexeddb'
import * as Y from 'yjs'
import type { EditKey, EditStore, KeptEdit } from './offline/edit-journal.ts'

const LOAD_MS = 3_000

export interface DeviceCopy {
  /** False where this browser keeps nothing: private windows, a full disk. */
  readonly keeps: boolean
  /** Of the history that is kept here; undefined where nothing says. */
  readonly epoch: number | undefined
  /** Says of which history that is which is kept from now on. */
  keepEpoch(epoch: number): Promise<void>
  /** The origin of what is loaded from here. */
  readonly origin: unknown
  /** What pages before this one had kept, in its order; the document has it. */
  readonly kept: readonly KeptEdit[]
  readonly edits: EditStore
  forget(): Promise<void>
  close(): Promise<void>
}

const nameOf = (user: string, document: string) => `gloss:${user}:${document}`

/** Resolves when what was kept is in the document, or when it is clear that nothing will be. */
export async function openDeviceCopy(
  user: string,
  document: string,
  doc: Y.Doc,
): Promise<DeviceCopy> {
  const nothing: DeviceCopy = {
    keeps: false,
    epoch: undefined,
    keepEpoch: async () => undefined,
    origin: undefined,
    kept: [],
    edits: { keep: () => undefined, forget: () => undefined },
    forget: async () => undefined,
    close: async () => undefined,
  }
  if (typeof indexedDB === 'undefined' || !(await opens())) return nothing
  const copy = new IndexeddbPersistence(nameOf(user, document), doc)
  const late = new Promise<void>((resolve) => setTimeout(resolve, LOAD_MS))
  await Promise.race([copy.whenSynced, late])
  const epoch = await Promise.race([copy.get('epoch'), late])
  const kept = ((await Promise.race([keptIn(copy), late])) ?? []).filter(({ update }) => {
    try {
      Y.applyUpdate(doc, update, KEPT)
      return true
    } catch {
      return false // spoilt on the device; what can be read is in the copy of the document too
    }
  })
  return {
    kept,
    edits: {
      keep: (edits) =>
        change(copy, (store) => {
          for (const { key, update } of edits) store.put(update, key)
        }),
      forget: (keys) =>
        change(copy, (store) => {
          for (const key of keys) store.delete(key)
        }),
    },
    keeps: true,
    epoch: typeof epoch === 'number' ? epoch : undefined,
    keepEpoch: async (epoch) => {
      await copy.set('epoch', epoch)
    },
    origin: copy,
    forget: async () => {
      // Emptied and not deleted: a deletion waits for every other tab that has it open.
      if (copy.db) await empty(copy.db)
      await copy.destroy()
    },
    close: async () => {
      await copy.destroy()
    },
  }
}

/** The store that y-indexeddb has for others: emptied with the copy. */
const CUSTOM = 'custom'
const KEPT = 'kept edits'

/** Keys are ordered as edits were made; names, such as `epoch`, come before all of them. */
function keptIn({ db }: IndexeddbPersistence): Promise<KeptEdit[]> {
  return new Promise((resolve) => {
    const kept: KeptEdit[] = []
    if (!db) return resolve(kept)
    const request = db
      .transaction(CUSTOM)
      .objectStore(CUSTOM)
      .openCursor(IDBKeyRange.lowerBound([]))
    request.onerror = () => resolve([])
    request.onsuccess = () => {
      const cursor = request.result
      if (!cursor) return resolve(kept)
      const { key, value } = cursor
      if (isEditKey(key) && value instanceof Uint8Array) kept.push({ key, update: value })
      cursor.continue()
    }
  })
}

const isEditKey = (key: IDBValidKey): key is EditKey =>
  Array.isArray(key) && key.length === 2 && key.every((part) => typeof part === 'number')

/** A device that is full keeps less: then what it has is sent all at once. */
function change({ db }: IndexeddbPersistence, act: (store: IDBObjectStore) => void): void {
  try {
    if (db) act(db.transaction(CUSTOM, 'readwrite').objectStore(CUSTOM))
  } catch {
    // The database is closed: with its page, or because somebody was forgotten on this device.
  }
}

/** Some browsers have the API and refuse every use of it. */
function opens(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open('gloss:probe')
      request.onsuccess = () => {
        request.result.close()
        resolve(true)
      }
      request.onerror = () => resolve(false)
    } catch {
      resolve(false)
    }
  })
}

function empty(database: IDBDatabase): Promise<void> {
  return new Promise((resolve, reject) => {
    const stores = [...database.objectStoreNames]
    const all = database.transaction(stores, 'readwrite')
    for (const store of stores) all.objectStore(store).clear()
    all.oncomplete = () => resolve()
    all.onabort = () => reject(all.error)
  })
}
