/** The bar at the top: where one is, how it stands, who is here, and Share. */
import { Eye, PanelLeft, Pencil } from 'lucide-react'
import { useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { Avatars } from './Avatars.tsx'
import { DocumentMenu } from './DocumentMenu.tsx'
import { IconButton } from './IconButton.tsx'
import { Mark } from './Mark.tsx'
import { ProfileDialog } from './ProfileDialog.tsx'
import { openDrawer, panelDrawer, togglePanel } from './panel.ts'
import { preferences } from './preferences.ts'
import { followHere } from './router.ts'
import { SavedState } from './SavedState.tsx'
import { ShareDialog } from './ShareDialog.tsx'
import { Tip } from './Tip.tsx'
import { TitleField } from './TitleField.tsx'
import { useMayEdit } from './use-may-edit.ts'
import { NARROW, useMedia } from './use-media.ts'
import { useStore } from './use-store.ts'

interface TopBarProps {
  session: DocumentSession
  handle: EditorHandle | null
  onRename: (title: string) => void
  onPalette: () => void
  onShortcuts: () => void
}

export function TopBar({ session, handle, onRename, onPalette, onShortcuts }: TopBarProps) {
  const owner = useStore(session.role) === 'owner'
  const [profile, setProfile] = useState(false)
  const openProfile = () => setProfile(true)
  return (
    <header className="topbar">
      <Tip text="All documents">
        <a className="home" href="/" onClick={followHere} aria-label="All documents">
          <Mark size={26} />
        </a>
      </Tip>
      <PanelButton />
      <TitleField session={session} onRename={onRename} />
      <SavedState connection={session.connection} />
      <span className="grow" />
      <Avatars session={session} handle={handle} onProfile={openProfile} />
      <Mode session={session} />
      <ShareDialog session={session} owner={owner} />
      <DocumentMenu
        session={session}
        onPalette={onPalette}
        onShortcuts={onShortcuts}
        onProfile={openProfile}
      />
      <ProfileDialog session={session} open={profile} onClose={() => setProfile(false)} />
    </header>
  )
}

function PanelButton() {
  const narrow = useMedia(NARROW)
  const drawer = useStore(panelDrawer)
  const { sidebar } = useStore(preferences)
  const open = narrow ? drawer : sidebar
  return (
    <IconButton
      label={open ? 'Hide documents and outline' : 'Show documents and outline'}
      aria-expanded={open}
      onClick={() => (narrow ? openDrawer(true) : togglePanel())}
    >
      <PanelLeft size={18} aria-hidden />
    </IconButton>
  )
}

function Mode({ session }: { session: DocumentSession }) {
  const viewer = useStore(session.role) === 'viewer'
  const editing = useMayEdit(session)
  const why = viewer
    ? 'You can read this document, not change it'
    : 'This document cannot be changed here right now'
  return (
    <Tip text={editing ? 'What you type is in the document at once' : why}>
      <span className="mode" data-mode={editing ? 'editing' : 'viewing'}>
        {editing ? <Pencil size={13} aria-hidden /> : <Eye size={14} aria-hidden />}
        <span>{editing ? 'Editing' : 'Viewing'}</span>
      </span>
    </Tip>
  )
}
