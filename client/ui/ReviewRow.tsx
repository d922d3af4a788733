/** On a phone: how many suggestions there are, one after the other, and ✓ ✕ for the one shown. */
import { Dialog } from '@base-ui/react/dialog'
import { Check, ChevronDown, ChevronUp, X } from 'lucide-react'
import { useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import { useOpenDocument } from './open-document.ts'
import { isRunning, openChunks } from './run-words.ts'
import { SuggestionCard } from './SuggestionCard.tsx'
import { tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'

export function ReviewRow({ handle }: { handle: EditorHandle }) {
  const { session, mayEdit } = useOpenDocument()
  const cards = useStore(session.suggestions)
  const [current, setCurrent] = useState<string | null>(null)
  const [sheet, setSheet] = useState(false)
  const chunks = cards.flatMap(openChunks)
  const at = current === null ? -1 : chunks.indexOf(current)
  if (cards.length === 0) return null

  function show(chunk: string | undefined) {
    setCurrent(chunk ?? null)
    handle.showChunk(chunk ?? null)
    if (chunk) handle.revealChunk(chunk)
  }
  const step = (by: 1 | -1) => {
    const from = at < 0 && by < 0 ? 0 : at
    show(chunks.at((from + by + chunks.length) % chunks.length))
  }
  function decide(decision: 'accepted' | 'rejected') {
    const chunk = chunks[Math.max(at, 0)]
    if (!chunk) return
    session.decide([chunk], decision)
    show(chunks[Math.max(at, 0) + 1] ?? chunks.find((other) => other !== chunk))
  }

  const none = chunks.length === 0
  return (
    <div className="review">
      <button type="button" className="review-count" onClick={() => setSheet(true)}>
        <strong>{countWords(chunks.length, cards.some(({ run }) => isRunning(run)))}</strong>
        {at >= 0 && <span>{at + 1} shown</span>}
      </button>
      <span className="grow" />
      <RoundButton label="Previous suggestion" disabled={none} onClick={() => step(-1)}>
        <ChevronUp size={19} aria-hidden />
      </RoundButton>
      <RoundButton label="Next suggestion" disabled={none} onClick={() => step(1)}>
        <ChevronDown size={19} aria-hidden />
      </RoundButton>
      {mayEdit && (
        <>
          <RoundButton label="Accept" tone="yes" disabled={none} onClick={() => decide('accepted')}>
            <Check size={19} aria-hidden />
          </RoundButton>
          <RoundButton label="Reject" tone="no" disabled={none} onClick={() => decide('rejected')}>
            <X size={19} aria-hidden />
          </RoundButton>
        </>
      )}
      <Dialog.Root open={sheet} onOpenChange={setSheet}>
        <Dialog.Portal>
          <Dialog.Backdrop className="scrim" />
          <Dialog.Popup className="bottom-sheet">
            <Dialog.Title>Suggestions</Dialog.Title>
            <Dialog.Close className="icon-button close" aria-label="Close">
              <X size={18} aria-hidden />
            </Dialog.Close>
            {cards.length === 0 && <p className="nothing">Nothing is waiting for a decision.</p>}
            {cards.map((card) => (
              <SuggestionCard
                key={card.id}
                card={card}
                mayEdit={mayEdit}
                lit={current}
                onLight={() => undefined}
                onDecide={(ids, decision) => session.decide(ids, decision)}
                onStop={(run) => session.stopRun(run).catch(tellProblem)}
                onContinue={(run) => session.continueRun(run).catch(tellProblem)}
                onDismiss={(suggestion) => session.dismiss(suggestion)}
              />
            ))}
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </div>
  )
}

interface RoundButtonProps {
  label: string
  tone?: 'yes' | 'no'
  disabled: boolean
  onClick: () => void
  children: React.ReactNode
}

function RoundButton({ label, tone, ...rest }: RoundButtonProps) {
  return (
    <button type="button" className="icon-button" data-tone={tone} aria-label={label} {...rest} />
  )
}

function countWords(count: number, writing: boolean): string {
  if (count === 0) return writing ? 'Writing…' : 'Suggestions'
  return count === 1 ? '1 suggestion' : `${count} suggestions`
}
