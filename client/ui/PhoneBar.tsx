/** PhoneBar shows one suggestion after the other on a phone, in place of the margin, decided by thumb. */
import { Check, ChevronLeft, ChevronRight, Square, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { SuggestionView } from '#client/session/views.ts'
import { RivalsNote } from './meet/RivalsNote.tsx'
import {
  actionLabel,
  type CardAction,
  cardActions,
  isBroken,
  isRunning,
  openChunks,
  runWords,
} from './run-words.ts'
import { tellProblem } from './toasts.tsx'
import { PHONE, useMedia } from './use-media.ts'
import { useStore } from './use-store.ts'

interface PhoneBarProps {
  session: DocumentSession
  handle: EditorHandle
  mayEdit: boolean
}

export function PhoneBar({ session, handle, mayEdit }: PhoneBarProps) {
  const cards = useStore(session.suggestions)
  const chunks = cards.flatMap(openChunks)
  const running = cards.find(({ run }) => isRunning(run))?.run
  const broken = cards.find(({ run }) => isBroken(run))
  // A run that was stopped within a sentence has something to decide that is not complete.
  const ended = cards.find((card) => !isRunning(card.run) && hasActions(card))
  const [current, setCurrent] = useState<string | null>(null)
  const at = current === null ? -1 : chunks.indexOf(current)
  const phone = useMedia(PHONE)
  useEffect(() => () => handle.showChunk(null), [handle])
  if (!phone || (chunks.length === 0 && !running && !broken && !ended)) return null

  // Of the one that is decided next, so that nobody accepts what sets another aside unknowingly.
  const next = chunks[Math.max(0, at)]
  const rivals = cards.flatMap(({ chunks: all }) => all).find(({ id }) => id === next)?.rivals
  const told = running ?? broken?.run ?? ended?.run
  const shown = cards.find(({ chunks: all }) => all.some(({ id }) => id === current))
  const whole = running ? undefined : (shown ?? broken ?? ended)
  const words =
    told &&
    runWords(
      told,
      cards.some(({ run, chunks: all }) => run === told && all.length > 0),
    )
  function show(index: number) {
    const chunk = chunks[(index + chunks.length) % chunks.length]
    if (chunk === undefined) return
    setCurrent(chunk)
    handle.showChunk(chunk)
    handle.revealChunk(chunk)
  }
  function decide(decision: 'accepted' | 'rejected') {
    const chunk = chunks[Math.max(0, at)]
    if (chunk === undefined) return
    const next = chunks[Math.max(0, at) + 1] ?? chunks[Math.max(0, at) - 1] ?? null
    session.decide([chunk], decision)
    setCurrent(next)
    handle.showChunk(next)
    if (next !== null) handle.revealChunk(next)
  }

  return (
    <section className="phone-bar" aria-label="Suggestions">
      <p>
        <strong>{countWords(at, chunks.length)}</strong>
        {words && <small>{words}</small>}
      </p>
      {running && mayEdit && (
        <button
          type="button"
          className="icon-button"
          aria-label="Stop writing"
          onClick={() => session.stopRun(running.id).catch(tellProblem)}
        >
          <Square size={16} aria-hidden />
        </button>
      )}
      {chunks.length > 0 && (
        <>
          <button
            type="button"
            className="icon-button"
            aria-label="Previous suggestion"
            onClick={() => show(at < 0 ? -1 : at - 1)}
          >
            <ChevronLeft size={20} aria-hidden />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Next suggestion"
            onClick={() => show(at + 1)}
          >
            <ChevronRight size={20} aria-hidden />
          </button>
        </>
      )}
      {chunks.length > 0 && mayEdit && (
        <>
          <button
            type="button"
            className="icon-button yes"
            aria-label="Accept"
            onClick={() => decide('accepted')}
          >
            <Check size={20} aria-hidden />
          </button>
          <button
            type="button"
            className="icon-button no"
            aria-label="Reject"
            onClick={() => decide('rejected')}
          >
            <X size={20} aria-hidden />
          </button>
        </>
      )}
      {rivals && <RivalsNote rivals={rivals} />}
      {whole && mayEdit && <RunButtons card={whole} session={session} />}
    </section>
  )
}

interface RunButtonsProps {
  card: SuggestionView
  session: DocumentSession
}

/** What can be said of a whole run: keep, discard, go on, or all of it at once. */
function RunButtons({ card, session }: RunButtonsProps) {
  const { actions, chunks } = cardActions(card, true)
  function act(action: CardAction) {
    if (action === 'continue') session.continueRun(card.run.id).catch(tellProblem)
    else if (action === 'dismiss') session.dismiss(card.id)
    else session.decide(chunks, action === 'accept' || action === 'keep' ? 'accepted' : 'rejected')
  }
  return (
    <div className="phone-actions">
      {actions
        .filter((action) => action !== 'stop')
        .map((action) => (
          <button key={action} type="button" className="button small" onClick={() => act(action)}>
            {actionLabel(action, card)}
          </button>
        ))}
    </div>
  )
}

const hasActions = (card: SuggestionView): boolean => cardActions(card, true).actions.length > 0

function countWords(at: number, count: number): string {
  if (count === 0) return 'Co-pilot'
  if (at >= 0) return `${at + 1} of ${count}`
  return count === 1 ? '1 suggestion' : `${count} suggestions`
}
