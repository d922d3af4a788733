/**
 * StaleLine shows a suggestion that is out of date: whose change made it so, the difference, what was
 * proposed, and a button to ask again on the present text.
 */
import { History, RotateCw, X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import type { ChunkView, StaleView } from '#client/session/views.ts'
import { type Difference, differenceOf, differenceWords, staleWords } from './stale-words.ts'

export interface StaleLineProps {
  chunk: ChunkView
  stale: StaleView
  mayEdit: boolean
  lit: boolean
  onDecide: (chunks: readonly string[], decision: 'rejected') => void
  onAgain: (chunk: string) => void
  onLight: (chunk: string | null) => void
}

export function StaleLine({ chunk, stale, mayEdit, lit, ...props }: StaleLineProps) {
  const { onLight } = props
  const again = () => props.onAgain(chunk.id)
  const drop = () => props.onDecide([chunk.id], 'rejected')
  const light = () => onLight(chunk.id)
  const unlight = () => onLight(null)
  const why = staleWords(stale)
  const difference = differenceOf(stale.original, stale.present)
  const mayAgain = mayEdit && stale.present !== ''

  function handleKeyDown(event: KeyboardEvent<HTMLLIElement>) {
    if (!mayEdit || event.target !== event.currentTarget) return
    if (event.key === 'Backspace') drop()
    else if (event.key === 'Enter' && mayAgain) again()
    else return
    event.preventDefault()
  }

  const said = [
    `Out of date. ${why}`,
    stale.present && `Now: ${differenceWords(difference)}`,
    stale.proposal && `Proposed was: ${stale.proposal}`,
    mayEdit && `${mayAgain ? 'Enter asks again on the present text, ' : ''}Backspace drops it`,
  ]
  return (
    <li
      className="chunk stale"
      data-chunk={chunk.id}
      data-state="stale"
      data-lit={lit || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: Enter and Backspace decide from the line
      tabIndex={0}
      aria-label={said.filter(Boolean).join('. ').replaceAll('..', '.')}
      onKeyDown={handleKeyDown}
      onPointerEnter={light}
      onPointerLeave={unlight}
      onFocus={light}
      onBlur={unlight}
    >
      <p className="stale-why">
        <History size={13} aria-hidden /> <strong>Out of date.</strong> {why}
      </p>
      <dl className="stale-texts">
        {stale.present && (
          <div>
            <dt>Now</dt>
            <dd>
              <DifferenceText difference={difference} />
            </dd>
          </div>
        )}
        {stale.proposal && (
          <div>
            <dt>Proposed</dt>
            <dd>{stale.proposal}</dd>
          </div>
        )}
      </dl>
      {mayEdit && (
        <span className="stale-buttons">
          {mayAgain && (
            <button type="button" className="button small" data-action="again" onClick={again}>
              <RotateCw size={13} aria-hidden /> Again on the present text
            </button>
          )}
          <button type="button" className="button small" data-action="drop" onClick={drop}>
            <X size={13} aria-hidden /> Drop
          </button>
        </span>
      )}
    </li>
  )
}

function DifferenceText({ difference }: { difference: Difference }) {
  const { before, deleted, inserted, behind } = difference
  return (
    <>
      {before}
      {deleted && <del>{deleted}</del>}
      {inserted && <mark>{inserted}</mark>}
      {behind}
    </>
  )
}
