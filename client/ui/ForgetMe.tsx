/** "Forget me on this device": said twice, because nobody can come back as who they were. */
import { UserRoundX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { unsavedIn } from './saved-state.ts'
import { tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'

export function ForgetMe({ session }: { session: DocumentSession }) {
  const [asking, setAsking] = useState(false)
  const stay = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // What was pressed is gone now: the keys go on with the harmless answer.
    if (asking) stay.current?.focus()
  }, [asking])
  const unsaved = unsavedIn(useStore(session.connection))
  if (!asking) {
    return (
      <button type="button" className="button quiet small forget" onClick={() => setAsking(true)}>
        <UserRoundX size={15} aria-hidden /> Forget me on this device
      </button>
    )
  }
  return (
    <section className="forget-note" aria-label="Forget me on this device">
      <p>
        Whoever opens this browser next is somebody new, and you cannot come back as who you are
        now. A document that only you can open will then be open to nobody.
      </p>
      {unsaved && <p className="warn">What you wrote here is not saved yet. It will be lost.</p>}
      <div className="forget-choice">
        <button
          type="button"
          className="button danger"
          onClick={() => session.forgetMe().catch(tellProblem)}
        >
          Forget me
        </button>
        <button ref={stay} type="button" className="button" onClick={() => setAsking(false)}>
          Stay
        </button>
      </div>
    </section>
  )
}
