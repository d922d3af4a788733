/**
 * `npm run bench`: measures Gloss, its ceiling and its peers in one run, interleaved, and writes
 * what it found into RESULTS.md. With options it prints the tables of what was asked for.
 */
import { commitTimes } from './disk.ts'
import { readOptions, USAGE } from './options.ts'
import { installPeers } from './peers.ts'
import { Summary } from './report/summary.ts'
import { shown, tableOf } from './report/table.ts'
import { writeResults } from './report/write.ts'
import { type Result, runScenario } from './run.ts'
import { PEER_NAMES } from './servers/peers.ts'
import { openFileLimit } from './usage.ts'

/** Sockets of the largest scenario, at either end, and what a process has open besides. */
const NEEDED_FILES = 10_300

let options: ReturnType<typeof readOptions>
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`)
  process.exit(1)
}
const begin = performance.now()
const notes: string[] = []
const usesPeers = options.scenarios.some((scenario) =>
  scenario.servers.some((name) => options.servers.includes(name) && PEER_NAMES.has(name)),
)
const missing = usesPeers ? installPeers() : undefined
if (missing !== undefined) note(`without the peers: ${missing}`)
const openFiles = openFileLimit()
if (openFiles < NEEDED_FILES) note(`ulimit -n is ${openFiles}: C10k needs ${NEEDED_FILES}`)
const servers = options.servers.filter((name) => missing === undefined || !PEER_NAMES.has(name))

await noteDisk('before')
const results: Result[] = []
for (const scenario of options.scenarios) {
  const found = await runScenario(scenario, {
    servers,
    rounds: options.rounds ?? (options.quick ? 1 : scenario.rounds),
    quick: options.quick,
    report,
  })
  results.push(...found)
  process.stdout.write(`\n${tableOf(scenario, new Summary(found))}\n`)
}
if (options.out !== undefined) {
  await noteDisk('after')
  writeResults({
    folder: options.out,
    command: [
      'npm run bench',
      ...(process.argv.length > 2 ? ['--'] : []),
      ...process.argv.slice(2),
    ].join(' '),
    minutes: (performance.now() - begin) / 60_000,
    scenarios: options.scenarios,
    results,
    notes,
  })
  process.stdout.write(`${options.out}/RESULTS.md\n`)
}

async function noteDisk(when: string): Promise<void> {
  const { p50, p99, longest } = await commitTimes()
  const times = `p50 ${shown(p50)} ms, p99 ${shown(p99)} ms, the longest ${shown(longest)} ms`
  note(`a durable commit on this disk, ${when} the run: ${times}`)
}

function note(line: string): void {
  notes.push(line)
  process.stdout.write(`${line}\n`)
}

function report({ scenario, server, round, failed }: Result, seconds: number): void {
  const outcome = failed === undefined ? '' : ` FAILED: ${failed}`
  process.stdout.write(`${scenario} ${server} round ${round}: ${seconds.toFixed(1)} s${outcome}\n`)
}
