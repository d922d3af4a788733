/** A document in the list: open, rename in place, delete. */
import { Menu } from '@base-ui/react/menu'
import { Ellipsis, FileText, Pencil, Trash2 } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import type { DocumentInfo } from '#shared/protocol/api.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { deleteDocument } from './deleted-documents.ts'
import { renameDocument, titleOf } from './documents.ts'
import { followHere, pathOf } from './router.ts'
import { tellProblem } from './toasts.tsx'
import { whenWords } from './when-words.ts'

export function DocumentRow({ document }: { document: DocumentInfo }) {
  const row = useRef<HTMLLIElement>(null)
  const [renaming, setRenaming] = useState(false)
  const { id, title, role, updatedAt } = document
  const owner = role === 'owner'
  function remove() {
    const beside = row.current?.nextElementSibling ?? row.current?.previousElementSibling
    deleteDocument(document).catch(tellProblem)
    // The menu's button has left with its row: the keys go on with the next one.
    requestAnimationFrame(() => beside?.querySelector('a')?.focus())
  }
  return (
    <li ref={row} className="row">
      <FileText size={18} aria-hidden />
      {renaming ? (
        <RenameField id={id} title={title} onDone={() => setRenaming(false)} />
      ) : (
        <a className="row-link" href={pathOf(id)} onClick={followHere}>
          <span className="cut">{titleOf(title)}</span>
        </a>
      )}
      {!owner && <span className="tag">{role === 'viewer' ? 'Can view' : 'Shared with you'}</span>}
      <time dateTime={new Date(updatedAt).toISOString()}>{whenWords(updatedAt, Date.now())}</time>
      <Menu.Root>
        <Menu.Trigger
          className="icon-button"
          aria-label={`Actions for ${titleOf(title)}`}
          disabled={!owner}
        >
          <Ellipsis size={17} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className="positioner" align="end" sideOffset={4}>
            <Menu.Popup className="popup">
              <Menu.Item className="item" onClick={() => setRenaming(true)}>
                <Pencil size={16} aria-hidden /> Rename
              </Menu.Item>
              <Menu.Item className="item danger" onClick={remove}>
                <Trash2 size={16} aria-hidden /> Delete
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </li>
  )
}

interface RenameProps {
  id: string
  title: string
  onDone: () => void
}

function RenameField({ id, title, onDone }: RenameProps) {
  const [text, setText] = useState(title)
  function save(event?: FormEvent) {
    event?.preventDefault()
    if (text.trim() !== title) renameDocument(id, text.trim()).catch(tellProblem)
    onDone()
  }
  return (
    <form className="row-link" onSubmit={save}>
      <input
        className="field"
        aria-label="New name"
        value={text}
        maxLength={LIMITS.titleCharacters}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => save()}
        onKeyDown={(event) => event.key === 'Escape' && onDone()}
      />
    </form>
  )
}
