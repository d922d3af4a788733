/**
 * Determinism makes a process repeatable: time stands still until it is moved on, and chance
 * follows from a seed. To be imported before anything else, since Yjs and lib0 keep the functions
 * of the first moment.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import { Random } from '#server/testing/random.ts'
import { VirtualClock } from './virtual-clock.ts'

export const clock = new VirtualClock()
let random = new Random(1)

/** From now on chance follows from `seed`, and it is the first millisecond again. */
export function begin(seed: number): void {
  random = new Random(seed)
  clock.reset()
}

function fill<T extends ArrayBufferView | null>(view: T): T {
  if (!view) return view
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let n = 0; n < bytes.length; n++) bytes[n] = random.below(256)
  return view
}

const bytesOf = (size: number): Buffer => fill(Buffer.alloc(size))

function uuid(): `${string}-${string}-${string}-${string}-${string}` {
  const hex = bytesOf(16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

Math.random = () => random.next()
Object.assign(crypto, {
  randomBytes: bytesOf,
  randomUUID: uuid,
  randomInt: (from: number, to: number) => from + random.below(to - from),
})
for (const source of [crypto.webcrypto, globalThis.crypto]) {
  Object.defineProperty(source, 'getRandomValues', { value: fill, configurable: true })
}
clock.install()
Object.assign(timers, { setTimeout: clock.pause })
syncBuiltinESMExports()
