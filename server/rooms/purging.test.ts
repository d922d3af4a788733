import { afterEach, expect, test, vi } from 'vitest'
import { silent } from '#server/log.ts'
import { eventually } from '#server/testing/eventually.ts'
import { Purging, type PurgingDeps } from './purging.ts'

const LIMITS = { deletedKeptMs: 1_000, eventRetentionMs: 500, purgeMs: 5 }

/** A store with so many rows to take away that says who was at it at the same time. */
function storeOf(rows: number) {
  let holder: string | undefined
  let at = 0
  const seen = { together: 0, steps: [] as number[], left: rows, trimmed: 0 }
  const store: PurgingDeps['store'] = {
    claim: async (_name, who) => {
      holder ??= who
      return holder === who
    },
    unclaim: async (_name, who) => {
      if (holder === who) holder = undefined
    },
    purgeDeleted: async (olderThanMs, limit) => {
      expect(olderThanMs).toBe(1_000)
      seen.together = Math.max(seen.together, ++at)
      await new Promise((resolve) => setTimeout(resolve, 2))
      at--
      const step = Math.min(limit, seen.left)
      seen.left -= step
      if (step > 0) seen.steps.push(step)
      return step
    },
    trimAnswers: async (olderThanMs) => {
      expect(olderThanMs).toBe(500)
      return ++seen.trimmed
    },
  }
  return { store, seen }
}

let open: Purging[] = []
const start = (store: PurgingDeps['store'], log = silent) => {
  const purging = new Purging({ store, limits: LIMITS, log })
  open.push(purging)
  return purging
}
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})

test('[D125] what is to go for good goes in small steps, on one instance at a time', async () => {
  const { store, seen } = storeOf(1_001)

  for (let n = 0; n < 4; n++) start(store)

  await eventually(() => expect([seen.left, seen.trimmed > 0]).toEqual([0, true]))
  expect(seen.together).toBe(1)
  expect(Math.max(...seen.steps)).toBeLessThanOrEqual(200)
})

test('[D126] an instance that stops leaves the rest to the others, and a store that fails is asked again', async () => {
  // So many that the first is not through with them before it is stopped.
  const { store, seen } = storeOf(20_000)
  const first = start(store)
  await eventually(() => expect(seen.steps.length).toBeGreaterThan(0), 1)
  await first.close()
  await first.close()
  const left = seen.left
  expect(left).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve, 40))
  expect(seen.left).toBe(left)

  const warn = vi.fn()
  let failures = 2
  const failing: PurgingDeps['store'] = {
    ...store,
    purgeDeleted: async (ms, limit) => {
      if (failures-- > 0) throw new Error('no database')
      return store.purgeDeleted(ms, limit)
    },
  }
  start(failing, { ...silent, warn })

  await eventually(() => expect(seen.left).toBe(0))
  expect(warn).toHaveBeenCalledTimes(2)
})
