/** Fault kinds are grouped by what they say of the rest of a history. */
import type { FaultKind } from './account.ts'

/** Nothing that follows would mean anything. */
export const FINAL = new Set<FaultKind>(['threw', 'refused', 'room lost', 'never quiet', 'apart'])

/** What shows only when everything is decided. */
export const OF_DECISIONS = new Set<FaultKind>([
  'threw',
  'apart',
  'room lost',
  'never quiet',
  'leak',
  'run text stays',
  'without differs',
  'accepted differs',
])
