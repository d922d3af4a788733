/** The menu of a document: take it out, how it looks here, keys, delete. */
import { Menu } from '@base-ui/react/menu'
import {
  ChevronRight,
  Download,
  Ellipsis,
  FileDown,
  Keyboard,
  Palette,
  Search,
  Trash2,
  Type,
  UserRound,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { api } from '#client/session/api.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { ChoiceItems } from './ChoiceItems.tsx'
import { deleteDocument } from './deleted-documents.ts'
import { prefer, preferences } from './preferences.ts'
import { goTo, pathOf } from './router.ts'
import { keys } from './shortcuts.ts'
import { tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'

interface DocumentMenuProps {
  session: DocumentSession
  onPalette: () => void
  onShortcuts: () => void
  onProfile: () => void
}

export function DocumentMenu(props: DocumentMenuProps) {
  const { session, onPalette, onShortcuts, onProfile } = props
  const role = useStore(session.role)
  const { theme, text, size } = useStore(preferences)
  function remove() {
    const document = session.info.get()
    goTo('/')
    deleteDocument(document, () => goTo(pathOf(document.id))).catch(tellProblem)
  }
  return (
    <Menu.Root>
      <Menu.Trigger className="icon-button" aria-label="Document menu">
        <Ellipsis size={18} aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            <Menu.Item className="item" onClick={onPalette}>
              <Search size={16} aria-hidden /> Search and commands{' '}
              <span className="hint">{keys('K')}</span>
            </Menu.Item>
            <Submenu icon={<FileDown size={16} aria-hidden />} label="Export">
              <ExportItems id={session.id} />
            </Submenu>
            <Menu.Item className="item" onClick={() => session.downloadCopy()}>
              <Download size={16} aria-hidden /> Download my copy
            </Menu.Item>
            <div className="separator" />
            <Submenu icon={<Palette size={16} aria-hidden />} label="Theme">
              <ChoiceItems
                label="Theme"
                value={theme}
                choices={{ light: 'Light', dark: 'Dark', system: 'As the system' }}
                onChoose={(value) => prefer({ theme: value })}
              />
            </Submenu>
            <Submenu icon={<Type size={16} aria-hidden />} label="Text">
              <ChoiceItems
                label="Typeface"
                value={text}
                choices={{ serif: 'Serif', sans: 'Sans' }}
                onChoose={(value) => prefer({ text: value })}
              />
              <div className="separator" />
              <ChoiceItems
                label="Size"
                value={size}
                choices={{ small: 'Small', normal: 'Normal', large: 'Large' }}
                onChoose={(value) => prefer({ size: value })}
              />
            </Submenu>
            <Menu.Item className="item" onClick={onProfile}>
              <UserRound size={16} aria-hidden /> Your name and colour
            </Menu.Item>
            <Menu.Item className="item" onClick={onShortcuts}>
              <Keyboard size={16} aria-hidden /> Keyboard shortcuts <span className="hint">?</span>
            </Menu.Item>
            {role === 'owner' && (
              <>
                <div className="separator" />
                <Menu.Item className="item danger" onClick={remove}>
                  <Trash2 size={16} aria-hidden /> Delete document
                </Menu.Item>
              </>
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

const FORMATS = { markdown: 'Markdown', html: 'HTML', text: 'Plain text' }
const VIEWS = { without: 'Without suggestions', accepted: 'Suggestions accepted' } as const

function ExportItems({ id }: { id: string }) {
  return (['without', 'accepted'] as const).map((view) => (
    <Menu.Group key={view}>
      <Menu.GroupLabel className="group-label">{VIEWS[view]}</Menu.GroupLabel>
      {Object.entries(FORMATS).map(([format, label]) => (
        <Menu.Item
          key={format}
          className="item"
          render={
            <a href={api.contentUrl(id, format, view)} download>
              {label}
            </a>
          }
        />
      ))}
    </Menu.Group>
  ))
}

interface SubmenuProps {
  icon: ReactNode
  label: string
  children: ReactNode
}

function Submenu({ icon, label, children }: SubmenuProps) {
  return (
    <Menu.SubmenuRoot>
      <Menu.SubmenuTrigger className="item">
        {icon} {label}
        <span className="hint">
          <ChevronRight size={15} aria-hidden />
        </span>
      </Menu.SubmenuTrigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" sideOffset={4} alignOffset={-5}>
          <Menu.Popup className="popup">{children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.SubmenuRoot>
  )
}
