/** The address of a link on the selected text. */
import { Check, Unlink } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'

interface LinkFieldProps {
  link: string | null
  handle: EditorHandle
  onDone: () => void
}

export function LinkField({ link, handle, onDone }: LinkFieldProps) {
  const [url, setUrl] = useState(link ?? 'https://')
  const [refused, setRefused] = useState(false)
  function done() {
    onDone()
    handle.focusBehind()
  }
  function save(event: FormEvent) {
    event.preventDefault()
    if (handle.setLink(url.trim())) done()
    else setRefused(true)
  }
  return (
    <form className="link-form" onSubmit={save}>
      <input
        className="field"
        aria-label="Address of the link"
        aria-invalid={refused}
        aria-describedby={refused ? 'link-refused' : undefined}
        value={url}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => setUrl(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && done()}
      />
      <button type="submit" className="icon-button" aria-label="Set the link">
        <Check size={16} aria-hidden />
      </button>
      {link !== null && (
        <button
          type="button"
          className="icon-button"
          aria-label="Remove the link"
          onClick={() => {
            handle.setLink(null)
            done()
          }}
        >
          <Unlink size={16} aria-hidden />
        </button>
      )}
      {refused && (
        <p id="link-refused" role="alert">
          Only http, https and mailto addresses.
        </p>
      )}
    </form>
  )
}
