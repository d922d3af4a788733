/** The most telling of `npm run faults` on Postgres and on two instances. */
import { cutOffFromRedis } from './scenarios/bus.ts'
import { compactorsMeet } from './scenarios/compaction.ts'
import { answerLost, databaseDies } from './scenarios/database.ts'
import { decisionRace } from './scenarios/runs.ts'
import { short } from './short.ts'

short([
  ['[C80] a Postgres that dies gets nobody an ack, and all is saved when it is back', databaseDies],
  ['[C81] a commit whose answer is lost is acknowledged to nobody and is there once', answerLost],
  ['[C84] an instance cut off from Redis hears of the others by asking the log', cutOffFromRedis],
  [
    '[C85] of five who decide at once on two instances one wins, also when one is killed',
    decisionRace('cluster'),
  ],
  [
    '[C116] of two instances that compact one document at once one gives way, and an older snapshot never follows a newer one',
    compactorsMeet,
  ],
])
