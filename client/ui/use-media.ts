/** Follows a media query. */
import { useCallback, useSyncExternalStore } from 'react'

export const PHONE = '(max-width: 860px)'
/** No room for the left panel beside the text. */
export const NARROW = '(max-width: 1240px)'

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = window.matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches)
}
