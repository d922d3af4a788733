/** The most telling of `npm run faults`, short enough for every `npm test`. */
import { randomInt } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { play } from './play.ts'
import { backupUnderLoad } from './scenarios/backups.ts'
import { cutOffFromRedis } from './scenarios/bus.ts'
import { compactionKilledAtEachStep, compactorsMeet } from './scenarios/compaction.ts'
import { answerLost, databaseDies } from './scenarios/database.ts'
import { decisionRace } from './scenarios/runs.ts'
import { compactionKilled, rot } from './scenarios/storage.ts'
import { type Scenario, Servers } from './stage.ts'

const seed = Number(process.env.FAULT_SEED ?? randomInt(2 ** 31))
const servers = new Servers()
afterAll(() => servers[Symbol.asyncDispose]())

test.each<[string, Scenario]>([
  ['[C80] a Postgres that dies gets nobody an ack, and all is saved when it is back', databaseDies],
  ['[C81] a commit whose answer is lost is acknowledged to nobody and is there once', answerLost],
  ['[C82] what rots on the disk is served whole from what is sound, or refused, never empty', rot],
  [
    '[C83] compaction that is killed at any moment leaves the document as it was',
    compactionKilled('sqlite'),
  ],
  ['[C84] an instance cut off from Redis hears of the others by asking the log', cutOffFromRedis],
  [
    '[C85] of five who decide at once on two instances one wins, also when one is killed',
    decisionRace('cluster'),
  ],
  [
    '[C115] a compaction that is killed with any of its steps begun and not ended has made its snapshot and its deletion wholly or not at all',
    compactionKilledAtEachStep('sqlite'),
  ],
  [
    '[C116] of two instances that compact one document at once one gives way, and an older snapshot never follows a newer one',
    compactorsMeet,
  ],
  [
    '[C117] a backup made under load has all that was acknowledged before it, and people give back what came later',
    backupUnderLoad,
  ],
])(
  '%s',
  async (_rule, scenario) => {
    const { reasons, evidence } = await play(scenario, { seed, rounds: 1, servers })

    expect(reasons, `seed ${seed}; ${evidence.figures.join('; ')}`).toEqual([])
  },
  180_000,
)
