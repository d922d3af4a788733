/** StaleBar is what a phone has instead of the margin for suggestions that are out of date. */
import { History } from 'lucide-react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { tellProblem } from '../toasts.tsx'
import { PHONE, useMedia } from '../use-media.ts'
import { useStore } from '../use-store.ts'
import { differenceOf, differenceWords, staleWords } from './stale-words.ts'

export function StaleBar({ session, mayEdit }: { session: DocumentSession; mayEdit: boolean }) {
  const cards = useStore(session.suggestions)
  const phone = useMedia(PHONE)
  const stale = cards.flatMap(({ chunks }) =>
    chunks.flatMap(({ id, stale: why, deciding }) => (why && !deciding ? [{ id, why }] : [])),
  )
  const [first] = stale
  if (!phone || !first) return null
  const { id, why } = first
  const words = why.present && differenceWords(differenceOf(why.original, why.present))
  return (
    <section className="phone-bar stale-bar" aria-label="Out of date">
      <p>
        <strong>
          <History size={14} aria-hidden /> Out of date
          {stale.length > 1 && ` (1 of ${stale.length})`}
        </strong>
        <small>
          {staleWords(why)} {words && `${words}.`}
        </small>
      </p>
      {mayEdit && (
        <div className="phone-actions">
          {why.present && (
            <button
              type="button"
              className="button small"
              onClick={() => session.askAgain(id).catch(tellProblem)}
            >
              Again on the present text
            </button>
          )}
          <button
            type="button"
            className="button small"
            onClick={() => session.decide([id], 'rejected')}
          >
            Drop
          </button>
        </div>
      )}
    </section>
  )
}
