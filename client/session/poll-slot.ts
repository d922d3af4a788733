/**
 * A browser allows six connections to a host over HTTP/1.1, all tabs together. Of those that wait
 * for news only a few may be open, or nothing else would come through.
 */
const SLOTS = 3

/** Gives back its slot when called. Undefined where all are taken: then one does not wait. */
export async function pollSlot(signal: AbortSignal): Promise<(() => void) | undefined> {
  // Without locks (a page that is not secure) nobody knows of the other tabs.
  if (typeof navigator === 'undefined' || !('locks' in navigator)) return () => undefined
  for (let slot = 0; slot < SLOTS; slot++) {
    const release = await lock(`gloss-poll:${slot}`)
    if (!release) continue
    if (signal.aborted) release()
    return release
  }
  return undefined
}

function lock(name: string): Promise<(() => void) | undefined> {
  return new Promise((taken) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) return taken(undefined)
        return new Promise<void>((release) => taken(() => release()))
      })
      .catch(() => taken(undefined))
  })
}
