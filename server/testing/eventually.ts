/** Waits for an outcome, also on a machine with much else to do. */
import { vi } from 'vitest'

export const eventually = <T>(outcome: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(outcome, { timeout: 15_000, interval: 20 })
