/** The note across the page when writing has stopped: what happened, what is safe, what to do. */
import { CircleAlert } from 'lucide-react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { bannerWords } from './saved-state.ts'
import { useStore } from './use-store.ts'

export function Banner({ session }: { session: DocumentSession }) {
  const words = bannerWords(useStore(session.connection))
  if (!words) return null
  return (
    <div className="banner" role="alert" data-tone={words.tone}>
      <CircleAlert size={18} aria-hidden />
      <p>
        <strong>{words.title}</strong> {words.detail}
      </p>
      {words.actions.map((action) =>
        action === 'reload' ? (
          <button
            key={action}
            type="button"
            className="button small"
            onClick={() => window.location.reload()}
          >
            Reload
          </button>
        ) : (
          <button
            key={action}
            type="button"
            className="button small"
            onClick={() => session.downloadCopy()}
          >
            Download my copy
          </button>
        ),
      )}
    </div>
  )
}
