/** What others see of oneself: name and colour. */
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { Check } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { ForgetMe } from './ForgetMe.tsx'
import { Modal } from './Modal.tsx'
import { initials, inkOn, PERSON_COLORS } from './person-look.ts'
import { tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'

interface ProfileDialogProps {
  session: DocumentSession
  open: boolean
  onClose: () => void
}

export function ProfileDialog({ session, open, onClose }: ProfileDialogProps) {
  return (
    <Modal
      open={open}
      onClose={onClose}
      title="You, as others see you"
      lead="Your name and colour stand at your caret and beside what you decide."
    >
      <ProfileForm session={session} onDone={onClose} />
      <ForgetMe session={session} />
    </Modal>
  )
}

function ProfileForm({ session, onDone }: { session: DocumentSession; onDone: () => void }) {
  const me = useStore(session.me)
  const [name, setName] = useState(me.name)
  const [color, setColor] = useState(me.color)
  const colors = PERSON_COLORS.includes(me.color) ? PERSON_COLORS : [me.color, ...PERSON_COLORS]

  async function save(event: FormEvent) {
    event.preventDefault()
    try {
      await session.changeMe({ name: name.trim(), color })
      onDone()
    } catch (problem) {
      tellProblem(problem)
    }
  }

  return (
    <form className="profile" onSubmit={save}>
      <div className="profile-name">
        <span
          className="face"
          style={{ background: color, color: inkOn(color) }}
          aria-hidden="true"
        >
          {initials(name)}
        </span>
        <input
          className="field"
          aria-label="Your name"
          required
          maxLength={LIMITS.nameCharacters}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <RadioGroup
        className="swatches"
        aria-label="Your colour"
        value={color}
        onValueChange={(value) => setColor(String(value))}
      >
        {colors.map((each, index) => (
          <Radio.Root
            key={each}
            value={each}
            className="swatch"
            aria-label={`Colour ${index + 1}`}
            style={{ background: each, color: inkOn(each) }}
          >
            <Radio.Indicator>
              <Check size={16} aria-hidden />
            </Radio.Indicator>
          </Radio.Root>
        ))}
      </RadioGroup>
      <button type="submit" className="button primary" disabled={name.trim() === ''}>
        Save
      </button>
    </form>
  )
}
