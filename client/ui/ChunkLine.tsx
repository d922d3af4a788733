/** One line of a card: a sentence or block that is proposed, and ✓ and ✕. */
import { Check, LoaderCircle, X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import type { ChunkView } from '#client/session/views.ts'

export interface ChunkLineProps {
  chunk: ChunkView
  mayEdit: boolean
  lit: boolean
  onDecide: (decision: 'accepted' | 'rejected') => void
  /** Pointer or focus came to the line, or left it. */
  onLight: (on: boolean) => void
}

export function ChunkLine({ chunk, mayEdit, lit, onDecide, onLight }: ChunkLineProps) {
  const said =
    chunk.deciding ??
    (chunk.state === 'accepted' || chunk.state === 'rejected' ? chunk.state : null)
  const text = chunk.inserted || chunk.deleted
  if (said) return <DecidedLine text={text} said={said} by={chunk.decidedBy} />

  const decidable = mayEdit && chunk.state === 'open'
  function handleKeyDown(event: KeyboardEvent<HTMLLIElement>) {
    if (!decidable || event.target !== event.currentTarget) return
    if (event.key !== 'Enter' && event.key !== 'Backspace') return
    event.preventDefault()
    onDecide(event.key === 'Enter' ? 'accepted' : 'rejected')
  }

  return (
    <li
      className="chunk"
      data-chunk={chunk.id}
      data-lit={lit || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: Enter and Backspace decide from the line
      tabIndex={0}
      aria-label={describe(chunk, decidable)}
      onKeyDown={handleKeyDown}
      onPointerEnter={() => onLight(true)}
      onPointerLeave={() => onLight(false)}
      onFocus={() => onLight(true)}
      onBlur={() => onLight(false)}
    >
      <ChunkText chunk={chunk} />
      {chunk.state === 'writing' && (
        <span className="chunk-writing">
          <LoaderCircle size={13} aria-hidden /> writing…
        </span>
      )}
      {decidable && (
        <span className="chunk-buttons">
          <button
            type="button"
            tabIndex={-1}
            className="yes"
            aria-label={`Accept: ${text}`}
            title="Accept (Enter)"
            onClick={() => onDecide('accepted')}
          >
            <Check size={15} aria-hidden />
          </button>
          <button
            type="button"
            tabIndex={-1}
            className="no"
            aria-label={`Reject: ${text}`}
            title="Reject (Backspace)"
            onClick={() => onDecide('rejected')}
          >
            <X size={15} aria-hidden />
          </button>
        </span>
      )}
    </li>
  )
}

function ChunkText({ chunk: { inserted, deleted } }: { chunk: ChunkView }) {
  return (
    <span className="chunk-text" data-edit={Boolean(deleted && inserted) || undefined}>
      {deleted && <del>{deleted}</del>}
      {deleted && inserted && ' '}
      {inserted && <ins>{inserted}</ins>}
    </span>
  )
}

interface DecidedProps {
  text: string
  said: 'accepted' | 'rejected'
  by: string | null
}

function DecidedLine({ text, said, by }: DecidedProps) {
  const Glyph = said === 'accepted' ? Check : X
  return (
    <li className="chunk decided" data-said={said}>
      <Glyph size={14} aria-label={said === 'accepted' ? 'Accepted' : 'Rejected'} />
      <span className="cut">{text}</span>
      {by && <span className="chunk-by">· {by}</span>}
    </li>
  )
}

function describe({ inserted, deleted, state }: ChunkView, decidable: boolean): string {
  const what = [deleted && `strike: ${deleted}`, inserted && `write: ${inserted}`]
    .filter(Boolean)
    .join('; ')
    .replace(/\.$/, '')
  if (state === 'writing') return `${what}. Being written`
  return decidable ? `${what}. Enter accepts, Backspace rejects` : what
}
