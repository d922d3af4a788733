/** The document's title, edited where it stands. */
import { type KeyboardEvent, useState } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { titleOf } from './documents.ts'
import { useStore } from './use-store.ts'

interface TitleFieldProps {
  session: DocumentSession
  onRename: (title: string) => void
}

export function TitleField({ session, onRename }: TitleFieldProps) {
  const { title } = useStore(session.info)
  const readOnly = useStore(session.role) === 'viewer'
  /** Null while nobody types here: then it shows what the document is called. */
  const [typed, setTyped] = useState<string | null>(null)
  const shown = typed ?? title

  function save() {
    const next = typed?.trim()
    setTyped(null)
    if (next === undefined || next === title) return
    onRename(next)
  }

  function handleKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === 'Enter') event.currentTarget.blur()
    if (event.key !== 'Escape') return
    setTyped(null)
    event.currentTarget.value = title
    event.currentTarget.blur()
  }

  return (
    // The copy in data-value gives the field the width of its text.
    <span className="title" data-value={shown || titleOf('')}>
      <input
        aria-label="Title"
        value={shown}
        placeholder={titleOf('')}
        readOnly={readOnly}
        maxLength={LIMITS.titleCharacters}
        spellCheck={false}
        size={1}
        onFocus={() => !readOnly && setTyped(title)}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={save}
        onKeyDown={handleKeyDown}
      />
    </span>
  )
}
