/** A dialog: title, one sentence, what it holds, and a way out. */
import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'

interface ModalProps {
  open: boolean
  onClose: () => void
  title: string
  lead?: string
  className?: string
  /** Where the focus goes at first; else to the first thing that takes it. */
  initialFocus?: RefObject<HTMLElement | null>
  children: ReactNode
}

export function Modal(props: ModalProps) {
  const { open, onClose, title, lead, className = '', initialFocus, children } = props
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className={`dialog ${className}`} {...(initialFocus && { initialFocus })}>
          <Dialog.Title>{title}</Dialog.Title>
          {lead && <Dialog.Description className="lead">{lead}</Dialog.Description>}
          {children}
          <Dialog.Close className="icon-button close" aria-label="Close">
            <X size={18} />
          </Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
