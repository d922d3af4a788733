/** Share: the link, what it is worth to whoever holds it, and a button that copies it. */
import { Dialog } from '@base-ui/react/dialog'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { Check, Copy, Eye, Lock, PencilLine, Share2, X } from 'lucide-react'
import { useState } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { LinkRole } from '#shared/protocol/api.ts'
import { tell, tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'

const CHOICES: readonly { value: LinkRole; Icon: typeof Eye; label: string; hint: string }[] = [
  { value: 'none', Icon: Lock, label: 'Nobody else', hint: 'The link opens for you alone' },
  { value: 'view', Icon: Eye, label: 'Can view', hint: 'Anyone with the link reads along' },
  { value: 'edit', Icon: PencilLine, label: 'Can edit', hint: 'Anyone with the link writes along' },
]

/** What somebody who is not its owner is told of the link. */
const THEIRS: Record<LinkRole, string> = {
  none: 'The link opens for its owner alone.',
  view: 'Anyone with the link can view.',
  edit: 'Anyone with the link can edit.',
}

export function ShareDialog({ session, owner }: { session: DocumentSession; owner: boolean }) {
  const { linkRole } = useStore(session.info)
  return (
    <Dialog.Root>
      <Dialog.Trigger className="button primary share">
        <Share2 size={15} aria-hidden /> <span>Share</span>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>Share this document</Dialog.Title>
          <Dialog.Description className="lead">
            {owner
              ? 'Whoever opens the link is in at once, without an account.'
              : 'Only its owner can change who may open the link.'}
          </Dialog.Description>
          {owner ? (
            <RadioGroup
              className="choices"
              aria-label="Who may open the link"
              value={linkRole}
              onValueChange={(value) => session.share(LinkRole.parse(value)).catch(tellProblem)}
            >
              {CHOICES.map(({ value, Icon, label, hint }) => (
                // biome-ignore lint/a11y/noLabelWithoutControl: the radio is inside
                <label key={value} className="choice">
                  <Radio.Root value={value} className="radio">
                    <Radio.Indicator className="radio-dot" />
                  </Radio.Root>
                  <Icon size={17} aria-hidden />
                  <span className="two">
                    {label}
                    <small>{hint}</small>
                  </span>
                </label>
              ))}
            </RadioGroup>
          ) : (
            <p className="theirs">{THEIRS[linkRole]}</p>
          )}
          <CopyLink disabled={linkRole === 'none'} />
          <Dialog.Close className="icon-button close" aria-label="Close">
            <X size={17} aria-hidden />
          </Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function CopyLink({ disabled }: { disabled: boolean }) {
  const [copied, setCopied] = useState(false)
  const link = window.location.origin + window.location.pathname
  async function copy() {
    try {
      await navigator.clipboard.writeText(link)
      setCopied(true)
    } catch {
      // Browsers refuse on plain HTTP; the field beside the button is selected by a click.
      tell({ text: 'The browser did not allow copying. Select the link and copy it.' })
    }
  }
  return (
    <div className="copy-link">
      <input
        className="field"
        aria-label="Link to this document"
        readOnly
        value={link}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" className="button primary" disabled={disabled} onClick={copy}>
        {copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
        {copied ? 'Copied' : 'Copy link'}
      </button>
    </div>
  )
}
