/**
 * `npm run bench`: measures Gloss, its ceiling and its peers in one run, interleaved, and writes
 * what it found into RESULTS.md. With options it prints the tables of what was asked for.
 */
import { readOptions, USAGE } from './options.ts'
import { installPeers } from './peers.ts'
import { Summary } from './report/summary.ts'
import { tableOf } from './report/table.ts'
import { type Result, runScenario } from './run.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { PEER_NAMES } from './servers/peers.ts'

let options: ReturnType<typeof readOptions>
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`)
  process.exit(1)
}
const missing = installPeers()
if (missing !== undefined) process.stdout.write(`without the peers: ${missing}\n`)
const servers = options.servers.filter((name) => missing === undefined || !PEER_NAMES.has(name))

const results: Result[] = []
for (const scenario of options.scenarios) {
  const found = await runScenario(scenario, {
    servers,
    rounds: options.rounds ?? (options.quick ? 1 : scenario.rounds),
    quick: options.quick,
    report,
  })
  results.push(...found)
  process.stdout.write(`\n${tableOf(scenario as Scenario, new Summary(found))}\n`)
}

function report({ scenario, server, round, failed }: Result, seconds: number): void {
  const outcome = failed === undefined ? '' : ` FAILED: ${failed}`
  process.stdout.write(`${scenario} ${server} round ${round}: ${seconds.toFixed(1)} s${outcome}\n`)
}
