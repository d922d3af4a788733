/** What several scenarios ask of the people in a world. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Patience } from '../patience.ts'
import type { World } from '../world.ts'

/** Resolves when everybody has the document from the server; milliseconds it took. */
export async function everybodyIn(world: World): Promise<number> {
  const begin = performance.now()
  await until(() => world.people.every(({ client }) => client.provider.synced), 20_000)
  return performance.now() - begin
}

const TURN_MS = 10

/** Milliseconds it took, by the wall clock; throws, with the condition, where patience ends. */
export async function until(isSo: () => boolean, ms: number): Promise<number> {
  const begin = performance.now()
  const patience = new Patience(ms, 2 * TURN_MS)
  while (!isSo()) {
    if (patience.isOver()) throw new Error(`not so after ${ms} ms: ${isSo}`)
    await sleep(TURN_MS)
  }
  return performance.now() - begin
}

/** How many acks came between two moments of this process's clock. */
export const acksBetween = (world: World, from: number, to: number): number =>
  world.people
    .flatMap(({ client }) => client.edits)
    .filter(({ promisedAt = 0 }) => promisedAt > from && promisedAt < to).length
