/** The text itself. Everything around it is ui's. */
import type { DocumentSession } from '#client/session/document-session.ts'
import type { EditorHandle } from './handle.ts'

export interface EditorProps {
  session: DocumentSession
  /** Once, when the text is there and may be worked on. */
  onReady: (handle: EditorHandle) => void
}

export function Editor(_props: EditorProps) {
  return <div className="editor-surface" />
}
