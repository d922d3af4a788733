/** "Saved", and every other thing that can be true of one's words. */
import { Check, CircleAlert, CloudOff, LoaderCircle } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ConnectionState } from '#client/session/connection.ts'
import type { Store } from '#client/session/store.ts'
import { isTrouble, type SavedWords, STILL_SAVING_MS, savedWords } from './saved-state.ts'
import { useStore } from './use-store.ts'

/** Characters that a phone's bar has room for. */
const SHORT = 10

const ICONS: Record<SavedWords['tone'], typeof Check> = {
  good: Check,
  busy: LoaderCircle,
  warn: CloudOff,
  bad: CircleAlert,
}

export function SavedState({ connection }: { connection: Store<ConnectionState> }) {
  const state = useStore(connection)
  const now = useNowAt(state.kind === 'saving' ? state.since + STILL_SAVING_MS : null)
  const { text, tone, hint = text } = savedWords(state, now)
  const Icon = ICONS[tone]
  return (
    <span
      className="saved"
      role="status"
      data-tone={tone}
      data-long={text.length > SHORT || undefined}
      title={hint}
    >
      <Icon size={15} aria-hidden />
      <span className="cut">{text}</span>
      {isTrouble(state, now) && (
        <a className="saved-why" href="/diagnose" target="_blank" rel="noreferrer">
          Why?
        </a>
      )}
    </span>
  )
}

/** The time, looked at anew when `moment` has come. */
function useNowAt(moment: number | null): number {
  const [, look] = useState(0)
  useEffect(() => {
    if (moment === null) return
    const timer = setTimeout(() => look((before) => before + 1), Math.max(0, moment - Date.now()))
    return () => clearTimeout(timer)
  }, [moment])
  return Date.now()
}
