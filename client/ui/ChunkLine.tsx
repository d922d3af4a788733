/** One line of a card: a sentence or block that is proposed, and ✓ and ✕. */
import { Check, LoaderCircle, X } from 'lucide-react'
import { Fragment, type KeyboardEvent, memo, type ReactNode } from 'react'
import type { ChunkView } from '#client/session/views.ts'
import { type Change, changesOf, changeWords } from './change-words.ts'
import { RivalsNote } from './meet/RivalsNote.tsx'
import { StaleLine } from './meet/StaleLine.tsx'
import { rivalWords } from './meet/stale-words.ts'
import { usePress } from './use-press.ts'

export interface ChunkLineProps {
  chunk: ChunkView
  mayEdit: boolean
  lit: boolean
  onDecide: (chunks: readonly string[], decision: 'accepted' | 'rejected') => void
  /** Asks again for a stale one. */
  onAgain: (chunk: string) => void
  /** Pointer or focus came to the line, or left it: null. */
  onLight: (chunk: string | null) => void
}

/** Drawn anew when it changed: a run of a hundred sentences changes one of them with each word. */
export const ChunkLine = memo(DrawnLine)

function DrawnLine({ chunk, mayEdit, lit, onDecide, onAgain, onLight }: ChunkLineProps) {
  const said =
    chunk.deciding ??
    (chunk.state === 'accepted' || chunk.state === 'rejected' ? chunk.state : null)
  if (said) return <DecidedLine parts={chunk.parts} said={said} by={chunk.decidedBy} />

  if (chunk.stale) {
    const stale = { chunk, stale: chunk.stale, mayEdit, lit }
    return <StaleLine {...stale} {...{ onDecide, onAgain, onLight }} />
  }

  const words = changeWords(chunk.parts)

  const decidable = mayEdit && chunk.state === 'open'
  const decide = (decision: 'accepted' | 'rejected') => onDecide([chunk.id], decision)
  const light = () => onLight(chunk.id)
  const unlight = () => onLight(null)
  function handleKeyDown(event: KeyboardEvent<HTMLLIElement>) {
    if (!decidable || event.target !== event.currentTarget) return
    if (event.key !== 'Enter' && event.key !== 'Backspace') return
    event.preventDefault()
    decide(event.key === 'Enter' ? 'accepted' : 'rejected')
  }

  return (
    <li
      className="chunk"
      data-chunk={chunk.id}
      data-lit={lit || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: Enter and Backspace decide from the line
      tabIndex={0}
      aria-label={describe(chunk, words, decidable)}
      onKeyDown={handleKeyDown}
      onPointerEnter={light}
      onPointerLeave={unlight}
      onFocus={light}
      onBlur={unlight}
    >
      <span className="chunk-body">
        <ChunkText parts={chunk.parts} />
        {chunk.rivals && <RivalsNote rivals={chunk.rivals} />}
      </span>
      {chunk.state === 'writing' && (
        <span className="chunk-writing">
          <LoaderCircle size={13} aria-hidden /> writing…
        </span>
      )}
      {decidable && (
        <span className="chunk-buttons">
          <DecideButton
            className="yes"
            label={`Accept: ${words}`}
            title="Accept (Enter)"
            onDecide={() => decide('accepted')}
          >
            <Check size={15} aria-hidden />
          </DecideButton>
          <DecideButton
            className="no"
            label={`Reject: ${words}`}
            title="Reject (Backspace)"
            onDecide={() => decide('rejected')}
          >
            <X size={15} aria-hidden />
          </DecideButton>
        </span>
      )}
    </li>
  )
}

interface DecideButtonProps {
  className: 'yes' | 'no'
  label: string
  title: string
  onDecide: () => void
  children: ReactNode
}

function DecideButton({ className, label, title, onDecide, children }: DecideButtonProps) {
  const press = usePress(onDecide)
  return (
    <button
      type="button"
      tabIndex={-1}
      className={className}
      aria-label={label}
      title={title}
      {...press}
    >
      {children}
    </button>
  )
}

/** A pair has a line for the old and one for the new; several changes follow each other. */
function ChunkText({ parts }: Pick<ChunkView, 'parts'>) {
  const changes = changesOf(parts)
  const isPair = changes.length === 1 && changes[0]?.deleted && changes[0].inserted
  const edit = isPair ? 'pair' : changes.length > 1 ? 'several' : undefined
  return (
    <span className="chunk-text" data-edit={edit}>
      <Changes changes={changes} />
    </span>
  )
}

function Changes({ changes }: { changes: readonly Change[] }) {
  return changes.map(({ deleted, inserted, apart, between = ' … ' }, n) => (
    <Fragment key={n}>
      {n > 0 && (apart ? <span className="chunk-gap">{between}</span> : ' ')}
      {deleted && <del>{deleted}</del>}
      {deleted && inserted && ' '}
      {inserted && <ins>{inserted}</ins>}
    </Fragment>
  ))
}

interface DecidedProps {
  parts: ChunkView['parts']
  said: 'accepted' | 'rejected'
  by: string | null
}

/** What stands there now: accepted, what was written; rejected, what would have been. */
function DecidedLine({ parts, said, by }: DecidedProps) {
  const Glyph = said === 'accepted' ? Check : X
  return (
    <li className="chunk decided" data-said={said}>
      <Glyph size={14} aria-label={said === 'accepted' ? 'Accepted' : 'Rejected'} />
      <span className="cut">
        <Changes changes={changesOf(parts)} />
      </span>
      {by && <span className="chunk-by">· {by}</span>}
    </li>
  )
}

function describe({ state, rivals }: ChunkView, said: string, decidable: boolean): string {
  const words = rivals?.length ? `${said}. ${rivalWords(rivals)}` : said
  const what = words.replace(/^./u, (first) => first.toUpperCase()).replace(/\.$/, '')
  if (state === 'writing') return `${what}. Being written`
  return decidable ? `${what}. Enter accepts, Backspace rejects` : what
}
