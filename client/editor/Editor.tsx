/** The text itself. Everything around it is ui's. */
import { useEffect, useRef } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { EditorHandle } from './handle.ts'
import { openEditor } from './open-editor.ts'

export interface EditorProps {
  session: DocumentSession
  /** Once, when the text is there and may be worked on. */
  onReady: (handle: EditorHandle) => void
}

export function Editor({ session, onReady }: EditorProps) {
  const surface = useRef<HTMLDivElement>(null)
  const root = useRef<HTMLDivElement>(null)
  const carets = useRef<HTMLDivElement>(null)
  const tellReady = useRef(onReady)
  tellReady.current = onReady

  useEffect(() => {
    if (!surface.current || !root.current || !carets.current) return
    const editor = openEditor(session, {
      surface: surface.current,
      root: root.current,
      carets: carets.current,
    })
    tellReady.current(editor.handle)
    return () => editor.close()
  }, [session])

  return (
    <div className="editor-surface" style={{ position: 'relative' }} ref={surface}>
      {/* biome-ignore lint/a11y/useSemanticElements: Lexical owns what is inside; no field of HTML can hold it */}
      <div
        className="editor-text"
        ref={root}
        role="textbox"
        aria-multiline="true"
        aria-label="Document text"
        tabIndex={0}
        spellCheck
        suppressContentEditableWarning
      />
      <div className="editor-carets" aria-hidden="true" ref={carets} />
    </div>
  )
}
