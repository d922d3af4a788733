/**
 * `npm run faults`: every scenario, or those named, one after the other on this machine. Prints a
 * line each and writes the table. Options: --only F04,F05 --seed n --rounds n --no-table
 */
import { parseArgs } from 'node:util'
import { type Played, play } from './play.ts'
import { table } from './report.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { Servers } from './stage.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    'no-table': { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
const rounds = Number(values.rounds)
const wanted = values.only?.split(',')
const chosen = SCENARIOS.filter(({ id }) => !wanted || wanted.some((name) => id.startsWith(name)))
if (chosen.length === 0 || !Number.isInteger(seed) || !(rounds > 0)) {
  process.stderr.write('usage: npm run faults -- [--only F04,F05] [--seed n] [--rounds n]\n')
  process.exit(1)
}

// y-websocket's provider listens to the end of its process, each of hundreds.
process.setMaxListeners(0)
const begin = performance.now()
const played: Played[] = []
process.stdout.write(`${chosen.length} scenarios, seed ${seed}, rounds ${rounds}\n`)
await using servers = new Servers()
for (const scenario of chosen) {
  const one = await play(scenario, { seed, rounds, servers })
  played.push(one)
  const { verdict, evidence, seconds } = one
  process.stdout.write(
    `${scenario.id.padEnd(5)} ${verdict.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s  ${evidence.figures.join('; ')}\n`,
  )
  for (const line of one.reasons) process.stdout.write(`      ${line}\n`)
}
const seconds = (performance.now() - begin) / 1000
// Only the whole suite may say what the whole suite has seen.
if (!wanted && !values['no-table']) await table(played, { seed, rounds, seconds })
const failed = played.filter(({ verdict }) => verdict !== 'holds')
process.stdout.write(`${played.length - failed.length} hold, ${failed.length} do not\n`)
process.exitCode = failed.length === 0 ? 0 : 1
