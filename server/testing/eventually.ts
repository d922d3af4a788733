/** Waits for an outcome, also on a machine with much else to do. */
import { vi } from 'vitest'

/** No promise of ours: only whoever never gets there waits so long. */
const PATIENCE_MS = 30_000

/** Resolves as soon as `outcome` does, asked every `interval` ms; throws what it threw last. */
export const eventually = <T>(outcome: () => T | Promise<T>, interval = 20): Promise<T> =>
  vi.waitFor(outcome, { timeout: PATIENCE_MS, interval })
