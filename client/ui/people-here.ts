/** Who is shown at the top of the page, and in which order. */
import type { Participant } from '#client/session/views.ts'

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
