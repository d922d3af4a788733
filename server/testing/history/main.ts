/**
 * `npm run fuzz -- [count] [seed]` plays random histories of all actions on both cores and prints how
 * many had which fault; with `--shrink`, of each kind the first one's shortest script. `--browser`
 * plays histories in Chromium instead, 50 unless said otherwise (after `npm run build`).
 */
import { spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'

interface Played {
  seed: number
  typed: number
  faults: { kind: string; what: string }[]
}

const WORKER = new URL('./worker.ts', import.meta.url).pathname
const STEPS = 40
const options = process.argv.slice(2)
const [asked, first = 1] = options.filter((one) => /^\d+$/.test(one)).map(Number)
if (options.includes('--browser')) {
  const runner = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'e2e', 'e2e/history']
  const env = { ...process.env, FUZZ_COUNT: String(asked ?? 50), FUZZ_SEED: String(first) }
  process.exit(spawnSync(process.execPath, runner, { stdio: 'inherit', env }).status ?? 1)
}
const count = asked ?? 1_000
const cores = Math.max(1, Math.min(2, availableParallelism()))

const played: Played[] = []
const began = performance.now()
await Promise.all(
  Array.from({ length: cores }, (_, core) =>
    run(['play', first + core, Math.ceil((count - core) / cores), cores, STEPS], (line) => {
      if (line.startsWith('{')) played.push(JSON.parse(line) as Played)
      if (played.length % 100 === 0) process.stderr.write(`${played.length} played\n`)
    }),
  ),
)
const byKind = Map.groupBy(
  played.flatMap(({ seed, faults }) => faults.map(({ kind }) => ({ kind, seed }))),
  ({ kind }) => kind,
)
const seconds = ((performance.now() - began) / 1000).toFixed(0)
const typed = played.reduce((sum, one) => sum + one.typed, 0)
const faulty = played.filter(({ faults }) => faults.length > 0).length
process.stdout.write(
  `${played.length} histories from seed ${first}, ${typed} characters typed, ${seconds} s: ${faulty} with faults\n`,
)
for (const [kind, found] of [...byKind].sort(([, a], [, b]) => b.length - a.length)) {
  const seeds = [...new Set(found.map(({ seed }) => seed))].sort((a, b) => a - b)
  process.stdout.write(
    `${kind.padEnd(20)} ${String(seeds.length).padStart(5)} histories, ${String(found.length).padStart(6)} times, seeds ${seeds.slice(0, 8).join(' ')}\n`,
  )
}
if (options.includes('--shrink')) {
  for (const [kind, found] of byKind) {
    const seed = Math.min(...found.map((one) => one.seed))
    process.stdout.write(`\n`)
    await run(['shrink', seed, STEPS, kind], (line) => process.stdout.write(`${line}\n`))
  }
}
process.exit(faulty === 0 ? 0 : 1)

function run(args: (string | number)[], onLine: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [WORKER, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', onLine)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`)),
    )
  })
}
