/** Documents and outline: beside the text where there is room, else a drawer. */
import { Dialog } from '@base-ui/react/dialog'
import { FilePlus2, Search, X } from 'lucide-react'
import { useEffect } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import { createDocument, documents, loadDocuments, titleOf } from './documents.ts'
import { useOpenDocument } from './open-document.ts'
import { followHere, pathOf } from './router.ts'
import { keys } from './shortcuts.ts'
import { useStore } from './use-store.ts'

const RECENT = 12

interface LeftPanelProps {
  beside: boolean
  drawer: boolean
  onClose: () => void
}

export function LeftPanel({ beside, drawer, onClose }: LeftPanelProps) {
  if (beside) {
    return (
      <aside className="panel" aria-label="Documents and outline">
        <Contents onLeave={() => undefined} />
      </aside>
    )
  }
  return (
    <Dialog.Root open={drawer} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="panel drawer" aria-label="Documents and outline">
          <Dialog.Close className="icon-button close" aria-label="Close">
            <X size={18} aria-hidden />
          </Dialog.Close>
          <Contents onLeave={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Contents({ onLeave }: { onLeave: () => void }) {
  const { session, handle, openDialog } = useOpenDocument()
  const { documents: list } = useStore(documents)
  useEffect(() => {
    loadDocuments('').catch(() => undefined) // the list says itself what went wrong
  }, [])

  return (
    <nav className="panel-inside" aria-label="Documents">
      <button
        type="button"
        className="panel-search"
        onClick={() => {
          onLeave()
          openDialog('palette')
        }}
      >
        <Search size={15} aria-hidden />
        <span>Search</span>
        <kbd>{keys('K')}</kbd>
      </button>
      <div className="panel-head">
        <h2>Documents</h2>
        <button
          type="button"
          className="icon-button"
          aria-label="New document"
          title="New document"
          onClick={() => createDocument()}
        >
          <FilePlus2 size={16} aria-hidden />
        </button>
      </div>
      <ul>
        {list?.slice(0, RECENT).map(({ id, title }) => (
          <li key={id}>
            <a
              href={pathOf(id)}
              aria-current={id === session.id ? 'page' : undefined}
              onClick={followHere}
            >
              <span className="cut">{titleOf(title)}</span>
            </a>
          </li>
        ))}
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
