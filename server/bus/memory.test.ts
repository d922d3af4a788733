import { expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { busContract } from './bus.contract.ts'
import { MemoryBus, MemoryHub } from './memory.ts'

busContract('memory', async () => {
  const hub = new MemoryHub()
  const a = new MemoryBus('a', hub)
  const b = new MemoryBus('b', hub)
  return {
    a,
    b,
    lose: async () => hub.lose(),
    heal: async () => hub.carry(),
    dispose: async () => {
      await a.close()
      await b.close()
    },
  }
})

test('[B7] a hub told to lose says that it is down, one told to hold tells it all later', async () => {
  const hub = new MemoryHub()
  const a = new MemoryBus('a', hub)
  const b = new MemoryBus('b', hub)
  const heard: number[][] = []
  b.subscribe('plan', {
    hint: () => undefined,
    presence: (update) => heard.push([...update]),
    left: () => undefined,
    newcomer: () => undefined,
  })

  hub.lose()
  a.publishPresence('plan', new Uint8Array([1]))
  expect(a.connected).toBe(false)
  hub.hold()
  a.publishPresence('plan', new Uint8Array([2]))
  a.publishPresence('plan', new Uint8Array([3]))
  hub.carry()

  expect(a.connected).toBe(true)
  await eventually(() => expect(heard).toEqual([[2], [3]]))
})
