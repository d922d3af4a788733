/** The bar at the top: where one is, how it stands, who is here, and Share. */
import { PanelLeft, Pencil, Share2 } from 'lucide-react'
import { Eye } from 'lucide-react'
import { Avatars } from './Avatars.tsx'
import { IconButton } from './IconButton.tsx'
import { Mark } from './Mark.tsx'
import { useOpenDocument } from './open-document.ts'
import { prefer } from './preferences.ts'
import { followHere } from './router.ts'
import { SavedState } from './SavedState.tsx'
import { Tip } from './Tip.tsx'
import { TitleField } from './TitleField.tsx'
import { NARROW, useMedia } from './use-media.ts'
import { useStore } from './use-store.ts'

interface TopBarProps {
  panelOpen: boolean
  /** Where the panel has no room beside the text, it comes as a drawer. */
  onDrawer: () => void
}

export function TopBar({ panelOpen, onDrawer }: TopBarProps) {
  const { session, openDialog } = useOpenDocument()
  const narrow = useMedia(NARROW)
  return (
    <header className="bar">
      <Tip text="All documents">
        <a className="home" href="/" onClick={followHere} aria-label="All documents">
          <Mark size={26} />
        </a>
      </Tip>
      <IconButton
        label={panelOpen ? 'Hide documents and outline' : 'Show documents and outline'}
        aria-expanded={panelOpen}
        onClick={() => (narrow ? onDrawer() : prefer({ sidebar: !panelOpen }))}
      >
        <PanelLeft size={18} aria-hidden />
      </IconButton>
      <TitleField session={session} />
      <SavedState connection={session.connection} />
      <span className="grow" />
      <Avatars />
      <Mode />
      <button type="button" className="button primary share" onClick={() => openDialog('share')}>
        <Share2 size={15} aria-hidden />
        <span>Share</span>
      </button>
    </header>
  )
}

function Mode() {
  const { session, mayEdit } = useOpenDocument()
  const viewer = useStore(session.role) === 'viewer'
  const why = viewer
    ? 'You can read this document, not change it'
    : 'Writing has stopped: see the note below the bar'
  return (
    <Tip text={mayEdit ? 'What you type is in the document at once' : why}>
      <span className="mode" data-mode={mayEdit ? 'editing' : 'viewing'}>
        {mayEdit ? <Pencil size={13} aria-hidden /> : <Eye size={14} aria-hidden />}
        <span>{mayEdit ? 'Editing' : 'Viewing'}</span>
      </span>
    </Tip>
  )
}
