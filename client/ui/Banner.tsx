/** The note across the page when writing has stopped: what happened, what is safe, what to do. */
import { CircleAlert } from 'lucide-react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { type BannerAction, bannerWords } from './saved-state.ts'
import { tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'

export function Banner({ session }: { session: DocumentSession }) {
  const owner = useStore(session.role) === 'owner'
  const words = bannerWords(useStore(session.connection), owner)
  if (!words) return null
  return (
    <div className="banner" role="alert" data-tone={words.tone}>
      <CircleAlert size={18} aria-hidden />
      <p>
        <strong>{words.title}</strong> {words.detail}
      </p>
      {words.actions.map((action) => (
        <button
          key={action}
          type="button"
          className="button small"
          onClick={() => act(action, session)}
        >
          {LABELS[action]}
        </button>
      ))}
    </div>
  )
}

const LABELS: Record<BannerAction, string> = {
  reload: 'Reload',
  restore: 'Restore',
  download: 'Download my copy',
  'start-over': 'Start over',
}

function act(action: BannerAction, session: DocumentSession): void {
  if (action === 'reload') window.location.reload()
  else if (action === 'download') session.downloadCopy()
  else if (action === 'restore') session.restore().catch(tellProblem)
  else session.startOver().catch(tellProblem)
}
