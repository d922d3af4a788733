/**
 * Being forgotten on this device: the server takes the cookie away, and everything that this
 * browser keeps of this person's documents goes, in the other tabs too.
 */
import { api } from './api.ts'

const CHANNEL = 'gloss.forgotten'

/** Throws ApiProblem where the server cannot be reached: then nothing is forgotten. */
export async function forgetMe(user: string): Promise<void> {
  await api.signOut()
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage(user)
  channel.close()
  await forgetCopies(user)
}

/** Runs `act` when this person was forgotten in another tab; returns how to stop listening. */
export function whenForgotten(user: string, act: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.onmessage = ({ data }) => {
    if (data === user) act()
  }
  return () => channel.close()
}

/** Deletes the copies of all documents of a person. What another tab still has open goes with it. */
export async function forgetCopies(user: string): Promise<void> {
  const all = await indexedDB.databases()
  const theirs = all.flatMap(({ name }) => (name?.startsWith(`gloss:${user}:`) ? [name] : []))
  await Promise.all(
    theirs.map((name) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = request.onblocked = request.onerror = () => resolve()
      return promise
    }),
  )
}
