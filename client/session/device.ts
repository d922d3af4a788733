/** The copy on this device: IndexedDB, one database for each person and document. */
import { IndexeddbPersistence } from 'y-indexeddb'
import type * as Y from 'yjs'

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
    forget: async () => undefined,
    close: async () => undefined,
  }
  if (typeof indexedDB === 'undefined' || !(await opens())) return nothing
  const copy = new IndexeddbPersistence(nameOf(user, document), doc)
  const late = new Promise<void>((resolve) => setTimeout(resolve, LOAD_MS))
  await Promise.race([copy.whenSynced, late])
  const epoch = await Promise.race([copy.get('epoch'), late])
  return {
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
