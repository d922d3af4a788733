/** Which page is open, kept in the address bar by the history API. */
import type { MouseEvent } from 'react'
import { createStore, type Store } from '#client/session/store.ts'

export type Place =
  | { kind: 'documents' }
  | { kind: 'document'; id: string }
  /** What works between this browser and the server. */
  | { kind: 'diagnose' }
  /** An address that leads nowhere. */
  | { kind: 'unknown' }

export function placeOf(path: string): Place {
  if (path === '/') return { kind: 'documents' }
  if (/^\/diagnose\/?$/.test(path)) return { kind: 'diagnose' }
  const id = /^\/d\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path)?.[1]
  return id === undefined ? { kind: 'unknown' } : { kind: 'document', id }
}

export const pathOf = (id: string): string => `/d/${id}`

const current = createStore<Place>(placeOf(window.location.pathname))
window.addEventListener('popstate', () => current.set(placeOf(window.location.pathname)))

export const place: Store<Place> = current

/** `replace` where going back to the page before would make no sense. */
export function goTo(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') window.history.pushState(null, '', path)
  else window.history.replaceState(null, '', path)
  current.set(placeOf(path))
  window.scrollTo(0, 0)
}

/** For links that stay links: a new tab, a copied address and a middle click work as ever. */
export function followHere(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
  event.preventDefault()
  goTo(event.currentTarget.pathname)
}
