/** Who is here: people, and the co-pilot while it writes. A press follows them. */
import { Sparkle } from 'lucide-react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { createStore } from '#client/session/store.ts'
import type { Participant } from '#client/session/views.ts'
import { peopleIn } from './people-here.ts'
import { initials, inkOn } from './person-look.ts'
import { Tip } from './Tip.tsx'
import { useStore } from './use-store.ts'

const SHOWN = 5

interface AvatarsProps {
  session: DocumentSession
  handle: EditorHandle | null
  /** Oneself was pressed. */
  onProfile: () => void
}

export function Avatars({ session, handle, onProfile }: AvatarsProps) {
  const present = peopleIn(useStore(session.participants))
  const rest = present.length - SHOWN
  const followed = useStore(handle?.following ?? NOBODY)
  return (
    <section className="faces" aria-label="Here now">
      {present.slice(0, SHOWN).map((who) => (
        <Face
          key={who.client}
          who={who}
          followed={who.client === followed}
          onPress={() => {
            if (who.me) onProfile()
            else handle?.follow(who.client === followed ? null : who.client)
          }}
        />
      ))}
      {rest > 0 && (
        <Tip text={present.slice(SHOWN).map(nameOf).join(', ')}>
          <span className="face more">+{rest}</span>
        </Tip>
      )}
    </section>
  )
}

const NOBODY = createStore<number | null>(null)

interface FaceProps {
  who: Participant
  followed: boolean
  onPress: () => void
}

function Face({ who, followed, onPress }: FaceProps) {
  const label = nameOf(who)
  return (
    <Tip text={who.me ? `${label}: change name and colour` : `${label}: follow`}>
      <button
        type="button"
        className={who.copilot ? 'face copilot' : 'face'}
        aria-label={label}
        aria-pressed={who.me ? undefined : followed}
        style={who.copilot ? undefined : { background: who.color, color: inkOn(who.color) }}
        onClick={onPress}
      >
        {who.copilot ? <Sparkle size={14} aria-hidden /> : initials(who.name)}
      </button>
    </Tip>
  )
}

const nameOf = ({ name, me }: Participant): string => (me ? `${name} (you)` : name)
