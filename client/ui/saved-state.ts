/** What the page says of the connection: durability.md's promises, word by word. */
import type { ConnectionState } from '#client/session/connection.ts'
import { unreachable } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'

export interface SavedWords {
  text: string
  /** How it is drawn; never the only thing that tells. */
  tone: 'good' | 'busy' | 'warn' | 'bad'
  /** A sentence for who wonders; the text by itself where there is none. */
  hint?: string
}

const BASIC_HINT =
  'This network lets no live connection through. Gloss syncs by ordinary requests: a little slower, and just as safe.'

/** After this, "Saving…" owes the person a longer word. */
export const STILL_SAVING_MS = 3_000

export function savedWords(state: ConnectionState, now: number): SavedWords {
  switch (state.kind) {
    case 'connecting':
      return { text: 'Opening…', tone: 'busy' }
    case 'saved':
      if (!state.basic) return { text: 'Saved', tone: 'good' }
      return { text: 'Saved · basic connection', tone: 'good', hint: BASIC_HINT }
    case 'saving':
      return now - state.since < STILL_SAVING_MS
        ? { text: 'Saving…', tone: 'busy' }
        : { text: 'Still saving, kept on this device', tone: 'warn' }
    case 'offline':
      return { text: offlineWords(state.edits, state.device), tone: 'warn' }
    case 'reconnecting':
      return { text: 'Reconnecting…', tone: 'busy' }
    case 'refused':
      // What this tab holds was saved; it is only not the place to go on.
      if (state.unsaved === 0) return { text: `Stopped: ${stopReason(state.code)}`, tone: 'warn' }
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

/** The same in a word or two, where nothing is unsaved and the banner says the rest. */
function stopReason(code: number): string {
  switch (code) {
    case CLOSE.noSession:
      return 'signed out'
    case CLOSE.notAllowed:
      return 'not shared with you'
    case CLOSE.gone:
      return 'deleted'
    case CLOSE.restored:
      return 'restored'
    default:
      return 'this page must be reloaded'
  }
}

/** Whether something about the connection is worth looking into. */
export function isTrouble(state: ConnectionState, now: number): boolean {
  switch (state.kind) {
    case 'saved':
    case 'saving':
      return state.basic === true || savedWords(state, now).tone === 'warn'
    case 'offline':
      return true
    default:
      return false
  }
}

/** Whether something that was written here would be lost with this tab and its device's copy. */
export function unsavedIn(state: ConnectionState): boolean {
  switch (state.kind) {
    case 'saving':
    case 'frozen':
      return true
    case 'offline':
      return state.edits > 0
    case 'refused':
      return state.unsaved > 0
    default:
      return false
  }
}

export type BannerAction = 'reload' | 'restore' | 'download' | 'start-over'

export interface BannerWords {
  title: string
  detail: string
  tone: 'warn' | 'bad'
  actions: readonly BannerAction[]
}

/** What stands across the page where the top bar's few words are not enough; null for nothing. */
export function bannerWords(state: ConnectionState, owner = false): BannerWords | null {
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
      if (state.code === CLOSE.gone && owner) return restorableWords(state.unsaved)
      return refusedWords(state.code, state.unsaved)
    case 'frozen':
      return {
        title: 'A change could not be shown here.',
        detail: 'To keep the text safe, nothing more is sent from this tab. Reload to go on.',
        tone: 'bad',
        // A copy that differs from the server's would only come back with the page.
        actions: [state.differs ? 'start-over' : 'reload', 'download'],
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

/** The owner may have deleted it in another tab, and is the one who can have it back. */
function restorableWords(unsaved: number): BannerWords {
  const actions = ['restore', 'download'] as const
  if (unsaved === 0) {
    const detail = 'You can bring it back within 30 days.'
    return { title: 'This document was deleted.', detail, tone: 'warn', actions }
  }
  return {
    title: 'Not saved: this document was deleted.',
    detail: 'Restore it to save what you wrote, or download your copy.',
    tone: 'bad',
    actions,
  }
}

/** Refusals of what this device holds come again with every reload, until it is forgotten. */
const COMES_AGAIN: readonly number[] = [
  CLOSE.notAllowed,
  CLOSE.invalidContent,
  CLOSE.tooBig,
  CLOSE.restored,
]

function refusedWords(code: number, unsaved: number): BannerWords {
  if (code === CLOSE.restored && unsaved === 0) {
    return {
      title: 'This document was restored to an earlier version.',
      detail: 'You see your copy from before. Download it if you want it, then start over.',
      tone: 'warn',
      actions: ['download', 'start-over'],
    }
  }
  const reason = refusalReason(code)
  if (unsaved === 0) {
    const title = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
    return { title, detail: savedDetail(code), tone: 'warn', actions: ['download', 'reload'] }
  }
  const title = `Not saved: ${reason}.`
  const startsOver = COMES_AGAIN.includes(code)
  return {
    title,
    detail: startsOver
      ? 'Nothing you wrote is thrown away yet. Download your copy, then start over without it.'
      : 'Nothing you wrote is thrown away. Download your copy, then reload.',
    tone: 'bad',
    actions: ['download', startsOver ? 'start-over' : 'reload'],
  }
}

/** Where everything was saved: what is safe, and what one can do. */
function savedDetail(code: number): string {
  if (code === CLOSE.noSession) return 'Everything you wrote was saved. Reload to come in again.'
  if (code === CLOSE.gone) return 'Its owner can bring it back within 30 days.'
  return 'Everything you wrote was saved. Reload to see how it stands.'
}
