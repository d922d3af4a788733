/** I15: rounds of load and rest, after which an instance must be as large as it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../stage.ts'
import { everybodyIn, until } from './people.ts'

const ROUNDS = 10
/** By then it has all that it keeps: the code is compiled, the statements are prepared. */
const SETTLED = 3
/** MiB that a thread takes, or the allocator keeps, whenever it is first needed. */
const SLACK = 32

export const rounds: Scenario = {
  id: 'I15',
  fault: `no fault: ${ROUNDS} rounds of people, runs and rest on two instances`,
  expected: `memory after round ${ROUNDS} within 10 % of that after round ${SETTLED}, heap and resident (or 32 MiB), each after a collection`,
  async play(stage) {
    const world = await stage.world('cluster', { lanes: false, people: 5 })
    await stage.under(world, async () => {
      const heaps: number[][] = world.instances.map(() => [])
      const residents: number[][] = world.instances.map(() => [])
      const collected: number[][] = world.instances.map(() => [])
      for (let round = 0; round < ROUNDS; round++) {
        for (const { client } of world.people) client.provider.connect()
        await everybodyIn(world)
        await world.startRuns()
        await world.work(1_500, { rate: 10, decides: true })
        await until(() => world.people.every(({ client }) => client.settled), 20_000)
        for (const { client } of world.people) client.provider.disconnect()
        for (const [n, instance] of world.instances.entries()) {
          const end = performance.now() + 30_000
          while ((await instance.metric('gloss_rooms')) > 0) {
            if (performance.now() > end) throw new Error('a room stays open')
            await sleep(100)
          }
          residents[n]!.push(instance.mebibytes)
          // To look inside stops a process for a while, and only two of the looks are compared.
          if (round + 1 === SETTLED || round + 1 === ROUNDS) {
            heaps[n]!.push((await instance.held()).mebibytes)
            collected[n]!.push(instance.mebibytes)
          }
        }
      }
      for (const { client } of world.people) client.provider.connect()
      await everybodyIn(world)
      for (const n of world.instances.keys()) {
        const resident = residents[n]!
        const heap = heaps[n]!
        const round = (sizes: number[]) => sizes.map(Math.round).join(' ')
        stage.evidence.figure(`RSS of ${n}`, round(resident), 'MiB')
        stage.evidence.figure('after a collection', round(collected[n]!), 'MiB')
        stage.evidence.figure(`heap of ${n}`, round(heap), 'MiB')
        stage.evidence.invariant('I15', [
          ...grown('RSS', collected[n]![0], collected[n]![1], SLACK),
          ...grown('heap', heap[0], heap[1]),
        ])
      }
    })
  },
}

const grown = (what: string, then = 0, now = Number.POSITIVE_INFINITY, slack = 0): string[] =>
  now > Math.max(then * 1.1, then + slack) ? [`${what}: ${then} → ${now} MiB`] : []
