/** The README says how many of the first hundred histories break something; no more may. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const WORKER = new URL('./worker.ts', import.meta.url).pathname
const README = new URL('../../../README.md', import.meta.url)
const HISTORIES = 100
const PROCESSES = 2

/** One JSON line for each history: its seed, and what broke in it. */
interface Played {
  seed: number
  faults: { kind: string }[]
}

/** Plays every second history from a seed on, in a process whose time and chance are its own. */
async function played(first: number): Promise<Played[]> {
  const args = [WORKER, 'play', first, HISTORIES / PROCESSES, PROCESSES].map(String)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  for await (const piece of child.stdout) told += piece
  const lines = told.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Played)
}

test('[T7] no more of the first hundred histories break something than the README says', async () => {
  const [, stated] = readFileSync(README, 'utf8').match(/in (\d+) of the first 100 histories/) ?? []

  const all = (await Promise.all([played(1), played(2)])).flat()

  expect(all).toHaveLength(HISTORIES)
  const faulty = all.filter(({ faults }) => faults.length > 0)
  const told = faulty.map(
    ({ seed, faults }) => `${seed}: ${[...new Set(faults.map((f) => f.kind))]}`,
  )
  expect(faulty.length, told.join('\n')).toBeLessThanOrEqual(Number(stated))
})
