/** What a person has chosen for this browser: theme, text, which panels are open. */
import { z } from 'zod'
import { createStore, type Store } from '#client/session/store.ts'

const Preferences = z.object({
  theme: z.enum(['light', 'dark', 'system']).catch('system'),
  text: z.enum(['serif', 'sans']).catch('serif'),
  size: z.enum(['small', 'normal', 'large']).catch('normal'),
  sidebar: z.boolean().catch(true),
  /** Has seen a document here before. */
  welcomed: z.boolean().catch(false),
})
export type Preferences = z.infer<typeof Preferences>

const KEY = 'gloss.preferences'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const chosen = createStore<Preferences>(read())

export const preferences: Store<Preferences> = chosen

export function prefer(change: Partial<Preferences>): void {
  chosen.update((before) => ({ ...before, ...change }))
  paint()
  try {
    window.localStorage.setItem(KEY, JSON.stringify(chosen.get()))
  } catch {
    // A browser that keeps nothing still shows what was chosen, for as long as this tab lives.
    return
  }
}

/** Puts the choice on the page, now and whenever the system's own theme changes. */
export function startPreferences(): void {
  paint()
  dark.addEventListener('change', paint)
}

function paint(): void {
  const { theme, text, size } = chosen.get()
  const { dataset } = document.documentElement
  dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
  dataset.text = text
  dataset.size = size
}

function read(): Preferences {
  try {
    return Preferences.parse(JSON.parse(window.localStorage.getItem(KEY) ?? '{}'))
  } catch {
    return Preferences.parse({})
  }
}
