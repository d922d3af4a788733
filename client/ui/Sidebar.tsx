/** Documents and outline: beside the text where there is room, else a drawer. */
import { Dialog } from '@base-ui/react/dialog'
import { FilePlus2, X } from 'lucide-react'
import { useEffect } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import { createDocument, documents, loadDocuments, titleOf } from './documents.ts'
import { IconButton } from './IconButton.tsx'
import { openDrawer, panelDrawer } from './panel.ts'
import { preferences } from './preferences.ts'
import { followHere, pathOf } from './router.ts'
import { SidebarSearch } from './SidebarSearch.tsx'
import { NARROW, useMedia } from './use-media.ts'
import { useStore } from './use-store.ts'

const RECENT = 12

interface SidebarProps {
  /** The id of the open document. */
  here: string
  handle: EditorHandle | null
}

export function Sidebar(props: SidebarProps) {
  const narrow = useMedia(NARROW)
  const { sidebar } = useStore(preferences)
  const drawer = useStore(panelDrawer)
  if (!narrow) {
    return sidebar ? (
      <aside className="panel" aria-label="Documents and outline">
        <Contents {...props} onLeave={() => undefined} />
      </aside>
    ) : null
  }
  return (
    <Dialog.Root open={drawer} onOpenChange={openDrawer}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="panel drawer" aria-label="Documents and outline">
          <Dialog.Close className="icon-button close" aria-label="Close">
            <X size={18} aria-hidden />
          </Dialog.Close>
          <Contents {...props} onLeave={() => openDrawer(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Contents({ here, handle, onLeave }: SidebarProps & { onLeave: () => void }) {
  const { documents: list, query } = useStore(documents)
  useEffect(() => {
    loadDocuments('').catch(() => undefined) // the next load says what is the matter
  }, [])

  return (
    <nav className="panel-inside" aria-label="Documents">
      <SidebarSearch />
      <div className="panel-head">
        <h2>{query === '' ? 'Documents' : 'Found'}</h2>
        <IconButton label="New document" onClick={() => createDocument()}>
          <FilePlus2 size={16} aria-hidden />
        </IconButton>
      </div>
      <ul>
        {list?.slice(0, RECENT).map(({ id, title }) => (
          <li key={id}>
            <a
              href={pathOf(id)}
              aria-current={id === here ? 'page' : undefined}
              onClick={(event) => {
                onLeave()
                followHere(event)
              }}
            >
              <span className="cut">{titleOf(title)}</span>
            </a>
          </li>
        ))}
        {list?.length === 0 && query !== '' && (
          <li className="panel-none">No title contains that</li>
        )}
      </ul>
      {list && list.length > RECENT && (
        <a className="panel-more" href="/" onClick={followHere}>
          All documents
        </a>
      )}
      {handle && <Outline handle={handle} onLeave={onLeave} />}
    </nav>
  )
}

function Outline({ handle, onLeave }: { handle: EditorHandle; onLeave: () => void }) {
  const outline = useStore(handle.outline)
  if (outline.length === 0) return null
  return (
    <>
      <div className="panel-head">
        <h2>On this page</h2>
      </div>
      <ul>
        {outline.map(({ key, level, text }) => (
          <li key={key}>
            <button
              type="button"
              data-level={level}
              onClick={() => {
                onLeave()
                handle.reveal(key)
              }}
            >
              <span className="cut">{text || 'Untitled heading'}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
