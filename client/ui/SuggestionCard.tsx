/** One run beside its text: who asked, how it stands, a line for each chunk, and what one can do. */
import { Sparkle } from 'lucide-react'
import type { SuggestionView } from '#client/session/views.ts'
import { ChunkLine } from './ChunkLine.tsx'
import {
  actionLabel,
  byWords,
  type CardAction,
  cardActions,
  isRunning,
  runWords,
} from './run-words.ts'

export interface SuggestionCardProps {
  card: SuggestionView
  mayEdit: boolean
  /** The chunk that is lit in the text and here. */
  lit: string | null
  onLight: (chunk: string | null) => void
  onDecide: (chunks: readonly string[], decision: 'accepted' | 'rejected') => void
  onStop: (run: string) => void
  onContinue: (run: string) => void
  onDismiss: (suggestion: string) => void
  /** Asks again for a stale chunk. */
  onAgain: (chunk: string) => void
}

export function SuggestionCard(props: SuggestionCardProps) {
  const { card, mayEdit, lit, onLight, onDecide } = props
  const { run } = card
  const words = runWords(run, card.chunks.length > 0)
  const { actions, chunks } = cardActions(card, mayEdit)

  const rest = actions.filter((action) => action !== 'stop')

  function act(action: CardAction) {
    if (action === 'stop') props.onStop(run.id)
    else if (action === 'continue') props.onContinue(run.id)
    else if (action === 'dismiss') props.onDismiss(card.id)
    else onDecide(chunks, action === 'accept' || action === 'keep' ? 'accepted' : 'rejected')
  }

  return (
    <article
      className="card"
      data-card={card.id}
      data-status={run.status}
      data-lit={card.chunks.some(({ id }) => id === lit) || undefined}
      aria-label={`${run.title}, ${byWords(run)}`}
    >
      <header className="card-head">
        <span className="card-mark" aria-hidden>
          <Sparkle size={13} />
        </span>
        <h3>
          <strong>{run.title}</strong> <span>{byWords(run)}</span>
        </h3>
        {actions.includes('stop') && (
          // Up here it stays where it is while the card grows below.
          <button
            type="button"
            className="button small card-stop"
            data-action="stop"
            onClick={() => act('stop')}
          >
            {actionLabel('stop', card)}
          </button>
        )}
      </header>
      {run.instruction && <p className="card-instruction">“{run.instruction}”</p>}
      {card.chunks.length > 0 && (
        <ul className="chunks">
          {card.chunks.map((chunk) => (
            <ChunkLine
              key={chunk.id}
              chunk={chunk}
              mayEdit={mayEdit}
              lit={chunk.id === lit}
              onDecide={onDecide}
              onAgain={props.onAgain}
              onLight={onLight}
            />
          ))}
        </ul>
      )}
      {words && (
        <p className="card-state" data-running={isRunning(run) || undefined}>
          {words}
        </p>
      )}
      <footer className="card-actions">
        {rest.map((action) => (
          <button
            key={action}
            type="button"
            className="button small"
            data-action={action}
            onClick={() => act(action)}
          >
            {actionLabel(action, card)}
          </button>
        ))}
        <span className="grow" />
        <span className="card-meta" title={`Written by ${run.model}`}>
          {run.tokens > 0 && `${run.tokens} ${run.tokens === 1 ? 'token' : 'tokens'}`}
        </span>
      </footer>
    </article>
  )
}
