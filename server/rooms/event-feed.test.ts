import { expect, test } from 'vitest'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { EventFeed } from './event-feed.ts'

const row = (n: number): EventRow => ({ n, type: 'run.delta', run: 'r', data: '{}', at: 1 })
const own = (from: number) => ({
  from,
  at: 1,
  events: [{ type: 'run.delta', run: 'r', data: '{}' }],
})

function feed(logged: EventRow[], failed: (error: unknown) => void = () => expect.fail()) {
  const store = {
    eventsAfter: async (_document: string, n: number) => logged.filter((event) => event.n > n),
  }
  const events = new EventFeed({ document: 'plan', store, failed }, 1)
  const told: number[] = []
  events.follow((more) => told.push(...more.map(({ n }) => n)))
  return { events, told }
}

test('[R80] events of another instance come before one’s own that follow them', async () => {
  const { events, told } = feed([row(2), row(3)])

  events.reach(3, own(3))
  expect(told).toEqual([])

  await eventually(() => expect(told).toEqual([2, 3]))
  events.reach(4, own(4))
  expect(told).toEqual([2, 3, 4])
})

test('[R81] what was told is not told again, whatever the hints say', async () => {
  const { events, told } = feed([row(2)])

  events.reach(2, own(2))
  events.reach(2, undefined)
  events.reach(1, undefined)
  await Promise.resolve()

  expect(told).toEqual([2])
  expect(events.head).toBe(2)
})

test('[R82] an event log that cannot be read is said, and a closed follower hears nothing', async () => {
  const failures: unknown[] = []
  const events = new EventFeed(
    {
      document: 'plan',
      store: { eventsAfter: () => Promise.reject(new Error('gone')) },
      failed: (error) => failures.push(error),
    },
    0,
  )
  const told: number[] = []
  const following = events.follow((more) => told.push(...more.map(({ n }) => n)))
  await following.close()

  events.reach(1, own(1))
  events.reach(5, undefined)

  await eventually(() => expect(failures).toHaveLength(1))
  expect(told).toEqual([])
})
