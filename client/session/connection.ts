/** How it stands between this tab and the server. What the page says of it is made in ui. */

export type ConnectionState =
  /** The first load. */
  | { kind: 'connecting' }
  /** Everything typed here is committed. `basic`: by plain requests, as no socket comes through. */
  | { kind: 'saved'; basic?: true }
  /** Sent or about to be; `since` when the oldest of it was typed (ms). */
  | { kind: 'saving'; since: number; basic?: true }
  /** No connection; `device` says whether the edits survive this tab. */
  | { kind: 'offline'; edits: number; device: boolean }
  /** There was a connection a moment ago, and nothing is unsaved. */
  | { kind: 'reconnecting' }
  /** The server refuses for good; edits that it did not take can be downloaded. */
  | { kind: 'refused'; code: number; unsaved: number }
  /**
   * A change could not be shown here: nothing leaves this tab any more. `differs` where this
   * device's copy is not the server's: it must be forgotten, or it would be so again.
   */
  | { kind: 'frozen'; differs?: true }
  /** This page is older than the document's shape. */
  | { kind: 'outdated' }

/** Of two moments of being in the middle of it, the later is told only after this. */
const NEWS_MS = 1_000
/** "Saved" is told when the last edit is this old: it must not flicker with every keystroke. */
const QUIET_MS = 300

/** What is to be shown of `next`: `before` where nothing worth telling has changed since. */
export function steady(
  before: ConnectionState,
  next: ConnectionState,
  now: number,
): ConnectionState {
  if (before.kind === 'saving') {
    if (next.kind === 'saved' && now - before.since < QUIET_MS) return before
    if (next.kind === 'saving' && next.since - before.since < NEWS_MS) return before
  }
  return JSON.stringify(before) === JSON.stringify(next) ? before : next
}

export const canWriteNow = (state: ConnectionState): boolean =>
  state.kind !== 'connecting' &&
  state.kind !== 'refused' &&
  state.kind !== 'frozen' &&
  state.kind !== 'outdated'
