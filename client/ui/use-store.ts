/** A session's or an editor's store, followed by React. */
import { useSyncExternalStore } from 'react'
import type { Store } from '#client/session/store.ts'

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}
