/** An inspection as the thread for large updates does it, without the thread: asked, told, judged. */
import type { Known } from '#server/rooms/frontier.ts'
import { judge, read, type Verdict } from '#server/rooms/inspector.ts'
import { answer, ask } from '#server/rooms/told-known.ts'

export function inspectApart(
  update: Uint8Array,
  known: Known,
  user: string,
  maxNewClients?: number,
): Verdict {
  const it = read(update)
  if ('verdict' in it) return it.verdict
  const asking = ask(it.parts)
  let step = asking.next()
  while (!step.done) step = asking.next(structuredClone(answer(known, step.value)))
  return judge(it.parts, step.value, user, maxNewClients)
}
