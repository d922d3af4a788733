/** A session's or an editor's store, followed by React. */
import { useSyncExternalStore } from 'react'
import type { Store } from '#client/session/store.ts'

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** Only what `look` makes of it, a primitive: what it does not see changes nothing on the page. */
export function useStoreView<T, V extends string | number | boolean>(
  store: Store<T>,
  look: (value: T) => V,
): V {
  return useSyncExternalStore(store.subscribe, () => look(store.get()))
}
