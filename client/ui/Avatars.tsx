/** Who is here: people, and the co-pilot while it writes. A click goes to their caret. */
import { Sparkle } from 'lucide-react'
import { useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { Participant } from '#client/session/views.ts'
import { ProfileDialog } from './ProfileDialog.tsx'
import { initials, inkOn } from './person-look.ts'
import { Tip } from './Tip.tsx'
import { useStore } from './use-store.ts'

const SHOWN = 5

interface AvatarsProps {
  session: DocumentSession
  handle: EditorHandle | null
}

export function Avatars({ session, handle }: AvatarsProps) {
  const [profile, setProfile] = useState(false)
  const present = peopleIn(useStore(session.participants))
  const rest = present.length - SHOWN
  return (
    <section className="faces" aria-label="Here now">
      {present.slice(0, SHOWN).map((who) => (
        <Face
          key={who.client}
          who={who}
          onPress={() => (who.me ? setProfile(true) : handle?.revealParticipant(who.client))}
        />
      ))}
      {rest > 0 && (
        <Tip text={present.slice(SHOWN).map(nameOf).join(', ')}>
          <span className="face more">+{rest}</span>
        </Tip>
      )}
      <ProfileDialog session={session} open={profile} onClose={() => setProfile(false)} />
    </section>
  )
}

function Face({ who, onPress }: { who: Participant; onPress: () => void }) {
  const label = nameOf(who)
  return (
    <Tip text={who.me ? `${label}: change name and colour` : `${label}: go to their caret`}>
      <button
        type="button"
        className={who.copilot ? 'face copilot' : 'face'}
        aria-label={label}
        style={who.copilot ? undefined : { background: who.color, color: inkOn(who.color) }}
        onClick={onPress}
      >
        {who.copilot ? <Sparkle size={14} aria-hidden /> : initials(who.name)}
      </button>
    </Tip>
  )
}

const nameOf = ({ name, me }: Participant): string => (me ? `${name} (you)` : name)

/** Each person once, however many tabs they have; oneself last, next to one's own buttons. */
export function peopleIn(participants: readonly Participant[]): Participant[] {
  const once = new Map<string, Participant>()
  for (const who of participants) {
    const known = once.get(who.id)
    if (!known || who.me) once.set(who.id, who)
  }
  const order = ({ me, copilot }: Participant) => (me ? 2 : copilot ? 1 : 0)
  return [...once.values()].sort((a, b) => order(a) - order(b) || a.client - b.client)
}
