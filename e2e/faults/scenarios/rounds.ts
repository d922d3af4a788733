/** I15: rounds of load and rest, after which an instance must be as large as it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../stage.ts'
import { everybodyIn, until } from './people.ts'

const ROUNDS = 10
/** By then it has all that it keeps: the code is compiled, the statements are prepared. */
const SETTLED = 3

export const rounds: Scenario = {
  id: 'I15',
  fault: `no fault: ${ROUNDS} rounds of people, runs and rest on two instances`,
  expected: `memory after round ${ROUNDS} within 10 % of that after round ${SETTLED}, heap and resident`,
  async play(stage) {
    const world = await stage.world('cluster', { lanes: false, people: 5 })
    await stage.under(world, async () => {
      const sizes: { heap: number; rss: number }[][] = world.instances.map(() => [])
      for (let round = 0; round < ROUNDS; round++) {
        for (const { client } of world.people) client.provider.connect()
        await everybodyIn(world)
        await world.startRuns()
        await world.work(1_500, { rate: 10, decides: true })
        await until(() => world.people.every(({ client }) => client.settled), 10_000)
        for (const { client } of world.people) client.provider.disconnect()
        for (const [n, instance] of world.instances.entries()) {
          const end = performance.now() + 10_000
          while ((await instance.metric('gloss_rooms')) > 0) {
            if (performance.now() > end) throw new Error('a room stays open')
            await sleep(100)
          }
          const { mebibytes: heap } = await instance.held()
          sizes[n]!.push({ heap, rss: instance.mebibytes })
        }
      }
      for (const { client } of world.people) client.provider.connect()
      await everybodyIn(world)
      for (const [n, all] of sizes.entries()) {
        for (const what of ['heap', 'rss'] as const) {
          const seen = all.map((size) => size[what])
          const [then, now] = [seen[SETTLED - 1]!, seen[ROUNDS - 1]!]
          stage.evidence.figure(`${what} of ${n}`, seen.map(Math.round).join(' '), 'MiB')
          const wrong = now > then * 1.1 ? [`${what} of instance ${n}: ${then} → ${now} MiB`] : []
          stage.evidence.invariant('I15', wrong)
        }
      }
    })
  },
}
