/** Whether this browser keeps what is written offline. */
import type { Verdict } from './check.ts'

const NAME = 'gloss:diagnose'
const OPEN_MS = 5_000
const SCARCE_BYTES = 50 * 1024 * 1024

export interface StorageFacts {
  /** What was written was read again. */
  keeps: boolean
  freeBytes: number | undefined
  /** The browser has promised not to clear it by itself. */
  persisted: boolean
}

export async function probeStorage(): Promise<StorageFacts> {
  const keeps = await writesAndReads().catch(() => false)
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined)
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false
  const { quota, usage } = estimate ?? {}
  const freeBytes = quota === undefined || usage === undefined ? undefined : quota - usage
  return { keeps, freeBytes, persisted }
}

function writesAndReads(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('late')), OPEN_MS)
    const opening = indexedDB.open(NAME, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('s')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      const store = database.transaction('s', 'readwrite').objectStore('s')
      store.put('kept', 'k')
      const reading = store.get('k')
      reading.onerror = () => reject(reading.error)
      reading.onsuccess = () => {
        database.close()
        indexedDB.deleteDatabase(NAME)
        resolve(reading.result === 'kept')
      }
    }
  })
}

export function judgeStorage({ keeps, freeBytes, persisted }: StorageFacts): Verdict {
  if (!keeps) {
    return {
      level: 'warn',
      saw: 'This browser keeps nothing (IndexedDB is blocked).',
      means:
        'What is typed offline is lost with the tab. Allow site data for this address, or leave the private window.',
    }
  }
  if (freeBytes !== undefined && freeBytes < SCARCE_BYTES) {
    return {
      level: 'warn',
      saw: `Only ${Math.round(freeBytes / 1024 / 1024)} MiB are left for this site.`,
      means: 'Offline edits may not fit. Make room on this device.',
    }
  }
  return {
    level: 'good',
    saw: persisted
      ? 'Edits made offline are kept on this device.'
      : 'Edits made offline are kept on this device, as long as the browser does not clear it.',
  }
}
