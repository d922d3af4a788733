/** A scenario of `npm run faults` as a test: one round, short enough for every `npm test`. */
import { randomInt } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { play } from './play.ts'
import { type Scenario, Servers } from './stage.ts'

const seed = Number(process.env.FAULT_SEED ?? randomInt(2 ** 31))

/**
 * Each with its rule; the scenarios of a file share their Postgres. One that only took too long, as
 * on a machine with much else to do, is looked at again.
 */
export function short(scenarios: readonly [rule: string, scenario: Scenario][]): void {
  const servers = new Servers()
  afterAll(() => servers[Symbol.asyncDispose]())

  test.each([...scenarios])(
    '%s',
    async (_rule, scenario) => {
      const look = () => play(scenario, { seed, rounds: 1, servers })
      let { reasons, evidence } = await look()
      for (let more = 2; more > 0 && evidence.isMerelyLate; more--) {
        ;({ reasons, evidence } = await look())
      }

      // First of all why: a report may have no room for more.
      const why = [...reasons, `seed ${seed}`, ...evidence.figures].join('\n')
      expect(reasons, why).toEqual([])
    },
    600_000,
  )
}
