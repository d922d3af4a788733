/** Every key of the page on one sheet. */
import { useRef } from 'react'
import { Modal } from './Modal.tsx'
import { SHORTCUTS } from './shortcuts.ts'

export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const first = useRef<HTMLDivElement>(null)
  return (
    <Modal
      open={open}
      onClose={onClose}
      title="Keyboard shortcuts"
      className="keys-sheet"
      initialFocus={first}
    >
      <div className="keys-columns" ref={first} tabIndex={-1}>
        {SHORTCUTS.map(({ title, shortcuts }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {shortcuts.map(({ keys, does }) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
