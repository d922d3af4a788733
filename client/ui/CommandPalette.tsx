/** Ctrl/Cmd+K: documents, the co-pilot's commands and the page's actions in one searched list. */
import { Autocomplete } from '@base-ui/react/autocomplete'
import { Dialog } from '@base-ui/react/dialog'
import { FileText, Search, Sparkle, SquareTerminal } from 'lucide-react'
import { useMemo } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { type CopilotDesk, useCopilotDesk } from './copilot-desk.ts'
import { createDocument, documents, titleOf } from './documents.ts'
import { prefer } from './preferences.ts'
import { goTo, pathOf } from './router.ts'
import { keys } from './shortcuts.ts'
import { useStore } from './use-store.ts'

interface CommandPaletteProps {
  open: boolean
  onClose: () => void
  session: DocumentSession
  handle: EditorHandle | null
  onShortcuts: () => void
}

interface Entry {
  value: string
  label: string
  hint: string
  Icon: typeof FileText
  run: () => void
}

interface EntryGroup {
  value: string
  items: Entry[]
}

export function CommandPalette({
  open,
  onClose,
  session,
  handle,
  onShortcuts,
}: CommandPaletteProps) {
  const { documents: list } = useStore(documents)
  const desk = useCopilotDesk()
  const groups = useMemo<EntryGroup[]>(() => {
    const here = session.id
    const found = list?.filter(({ id }) => id !== here) ?? []
    return [
      { value: 'Co-pilot', items: copilotEntries(desk) },
      { value: 'Actions', items: actionEntries(session, handle, onShortcuts) },
      {
        value: 'Documents',
        items: found.map(({ id, title }) => ({
          value: id,
          label: titleOf(title),
          hint: '',
          Icon: FileText,
          run: () => goTo(pathOf(id)),
        })),
      },
    ].filter(({ items }) => items.length > 0)
  }, [list, desk, session, handle, onShortcuts])

  function run(entry: Entry) {
    onClose()
    // After the dialog has given the focus back, so that the entry may put it elsewhere.
    setTimeout(entry.run)
  }

  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="dialog palette" aria-label="Search and commands">
          <Autocomplete.Root
            open
            inline
            items={groups}
            itemToStringValue={(entry: Entry) => entry.label}
            autoHighlight="always"
            keepHighlight
          >
            <div className="palette-field">
              <Search size={17} aria-hidden />
              <Autocomplete.Input
                aria-label="Search documents and commands"
                placeholder="Search documents and commands"
              />
              <kbd>Esc</kbd>
            </div>
            <Autocomplete.Empty className="nothing">Nothing matches.</Autocomplete.Empty>
            <Autocomplete.List className="palette-list">
              {(group: EntryGroup) => (
                <Autocomplete.Group key={group.value} items={group.items}>
                  <Autocomplete.GroupLabel className="group-label">
                    {group.value}
                  </Autocomplete.GroupLabel>
                  <Autocomplete.Collection>
                    {(entry: Entry) => (
                      <Autocomplete.Item
                        key={entry.value}
                        value={entry}
                        className="item"
                        onClick={() => run(entry)}
                      >
                        <entry.Icon size={16} aria-hidden />
                        <span className="cut">{entry.label}</span>
                        <span className="hint">{entry.hint}</span>
                      </Autocomplete.Item>
                    )}
                  </Autocomplete.Collection>
                </Autocomplete.Group>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const copilotEntries = (desk: CopilotDesk | null): Entry[] =>
  desk?.info.commands.map((command) => ({
    value: `copilot-${command.id}`,
    label: command.label,
    hint: command.hint,
    Icon: Sparkle,
    run: () => desk.choose(command),
  })) ?? []

function actionEntries(
  session: DocumentSession,
  handle: EditorHandle | null,
  onShortcuts: () => void,
): Entry[] {
  const action = (value: string, label: string, hint: string, run: () => void): Entry => ({
    value,
    label,
    hint,
    Icon: SquareTerminal,
    run,
  })
  return [
    action('new', 'New document', '', () => createDocument()),
    action('all', 'All documents', '', () => goTo('/')),
    action('undo', 'Undo', keys('Z'), () => handle?.undo()),
    action('redo', 'Redo', keys('Shift+Z'), () => handle?.redo()),
    action('light', 'Theme: light', '', () => prefer({ theme: 'light' })),
    action('dark', 'Theme: dark', '', () => prefer({ theme: 'dark' })),
    action('system', 'Theme: as the system', '', () => prefer({ theme: 'system' })),
    action('copy', 'Download my copy', '', () => session.downloadCopy()),
    action('keys', 'Keyboard shortcuts', '?', onShortcuts),
  ]
}
