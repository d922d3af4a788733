/** Who is here, from awareness. The server vouches for `user`; nothing else of a state is shown. */
import type { Awareness } from 'y-protocols/awareness'
import { z } from 'zod'
import { createStore, type Store } from './store.ts'
import type { Participant } from './views.ts'

const User = z.object({
  id: z.string().max(64),
  name: z.string().max(128),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  copilot: z.boolean().optional(),
})

export function participantStore(awareness: Awareness): Store<readonly Participant[]> {
  const store = createStore<readonly Participant[]>([])
  let shown = ''
  const read = () => {
    const all: Participant[] = []
    for (const [client, state] of awareness.getStates()) {
      const user = User.safeParse(state.user)
      if (!user.success) continue
      const { id, name, color, copilot = false } = user.data
      all.push({ client, id, name, color, copilot, me: client === awareness.clientID })
    }
    // A cursor that moves changes nothing here: who is here is compared, not who said something.
    const next = JSON.stringify(all)
    if (next === shown) return
    shown = next
    store.set(all)
  }
  awareness.on('change', read)
  read()
  return store
}

/** What somebody who is here is called. */
export const nameIn = (participants: readonly Participant[], user: string): string | undefined =>
  participants.find(({ id }) => id === user)?.name
