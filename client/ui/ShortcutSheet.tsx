/** Every key of the page on one sheet. */
import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'

const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'

const GROUPS: readonly { title: string; keys: readonly [string, string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      [`${MOD} J`, 'Ask the co-pilot'],
      [`${MOD} K`, 'Search and commands'],
      ['F6', 'Text, cards, ask bar in turn'],
      ['?', 'This sheet, when not typing'],
    ],
  },
  {
    title: 'In the text',
    keys: [
      [`${MOD} B`, 'Bold'],
      [`${MOD} I`, 'Italic'],
      [`${MOD} U`, 'Underline'],
      [`${MOD} Z`, 'Undo, also a decision'],
      [`${MOD} Shift Z`, 'Redo'],
      ['/', 'Insert, on an empty line'],
      ['# - 1. [ ] > ```', 'Markdown, at the start of a line'],
    ],
  },
  {
    title: 'In the suggestions',
    keys: [
      ['↑ ↓', 'Previous, next'],
      ['Tab', 'Next; Shift Tab goes back'],
      ['Enter', 'Accept'],
      ['Backspace', 'Reject'],
      ['Esc', 'Back to the text'],
    ],
  },
]

export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="dialog keys-sheet">
          <Dialog.Title>Keyboard shortcuts</Dialog.Title>
          {GROUPS.map(({ title, keys }) => (
            <section key={title}>
              <h3>{title}</h3>
              <dl>
                {keys.map(([combination, what]) => (
                  <div key={what}>
                    <dt>{what}</dt>
                    <dd>
                      {combination.split(' ').map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
          <Dialog.Close className="icon-button close" aria-label="Close">
            <X size={17} aria-hidden />
          </Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
