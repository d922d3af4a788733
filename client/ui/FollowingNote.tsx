/** Says whom one goes along with, as long as one does. */
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { useStore } from './use-store.ts'

interface FollowingNoteProps {
  session: DocumentSession
  handle: EditorHandle
}

export function FollowingNote({ session, handle }: FollowingNoteProps) {
  const client = useStore(handle.following)
  const who = useStore(session.participants).find((each) => each.client === client)
  return (
    <p className="following" role="status">
      {who && (
        <span style={{ borderColor: who.copilot ? 'var(--gloss)' : who.color }}>
          Following {who.copilot ? 'the co-pilot' : who.name}
          <small>Scroll or press a key to stop</small>
        </span>
      )}
    </p>
  )
}
