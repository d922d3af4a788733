/** What the page says of the connection: durability.md's promises, word by word. */
import type { ConnectionState } from '#client/session/connection.ts'
import { unreachable } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'

export interface SavedWords {
  text: string
  /** How it is drawn; never the only thing that tells. */
  tone: 'good' | 'busy' | 'warn' | 'bad'
}

/** After this, "Saving…" owes the person a longer word. */
export const STILL_SAVING_MS = 3_000

export function savedWords(state: ConnectionState, now: number): SavedWords {
  switch (state.kind) {
    case 'connecting':
      return { text: 'Opening…', tone: 'busy' }
    case 'saved':
      return { text: 'Saved', tone: 'good' }
    case 'saving':
      return now - state.since < STILL_SAVING_MS
        ? { text: 'Saving…', tone: 'busy' }
        : { text: 'Still saving, kept on this device', tone: 'warn' }
    case 'offline':
      return { text: offlineWords(state.edits, state.device), tone: 'warn' }
    case 'reconnecting':
      return { text: 'Reconnecting…', tone: 'busy' }
    case 'refused':
      return { text: `Not saved: ${refusalReason(state.code)}`, tone: 'bad' }
    case 'frozen':
      return { text: 'Stopped: this page must be reloaded', tone: 'bad' }
    case 'outdated':
      return { text: 'Stopped: this page is out of date', tone: 'bad' }
    default:
      return unreachable(state)
  }
}

function offlineWords(edits: number, device: boolean): string {
  if (edits === 0) return 'Offline'
  const count = edits === 1 ? '1 edit' : `${edits} edits`
  return device
    ? `Offline, ${count} kept on this device`
    : `Offline, ${count} only in this tab, do not close`
}

/** Why the server will not take an edit, as the end of a sentence that began "Not saved: ". */
export function refusalReason(code: number): string {
  switch (code) {
    case CLOSE.noSession:
      return 'you are signed out'
    case CLOSE.notAllowed:
      return 'you can only view this document now'
    case CLOSE.gone:
      return 'this document was deleted'
    case CLOSE.restored:
      return 'this document was restored to an earlier version'
    case CLOSE.tooBig:
      return 'the document or the last edit is too large'
    case CLOSE.invalidContent:
      return 'the last edit holds something that cannot be kept'
    default:
      return 'the server refused the last edit'
  }
}

export interface BannerWords {
  title: string
  detail: string
  tone: 'warn' | 'bad'
  actions: readonly ('reload' | 'download')[]
}

/** What stands across the page where the top bar's few words are not enough; null for nothing. */
export function bannerWords(state: ConnectionState): BannerWords | null {
  // Offline is a calm thing where the device keeps what is written: the bar's words are enough.
  if (state.kind === 'offline' && !state.device) {
    return {
      title: 'You are offline.',
      detail: 'Go on writing, but keep this tab open: this browser cannot keep edits without it.',
      tone: 'warn',
      actions: [],
    }
  }
  switch (state.kind) {
    case 'refused':
      return {
        title: `Not saved: ${refusalReason(state.code)}.`,
        detail:
          state.unsaved > 0
            ? 'Nothing you wrote is thrown away. Download your copy, then reload.'
            : 'Everything you wrote before was saved.',
        tone: 'bad',
        actions: ['download', 'reload'],
      }
    case 'frozen':
      return {
        title: 'A change could not be shown here.',
        detail: 'To keep the text safe, nothing more is sent from this tab. Reload to go on.',
        tone: 'bad',
        actions: ['reload', 'download'],
      }
    case 'outdated':
      return {
        title: 'Gloss was updated.',
        detail: 'This page is older than the document. Reload to go on.',
        tone: 'bad',
        actions: ['reload'],
      }
    default:
      return null
  }
}
