/** One person types while another changes the line: the letters stand together, where they were typed. */
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import type { PlayedBurst } from './play.ts'

const WORKER = new URL('../worker.ts', import.meta.url).pathname
/** One of each kind that once broke; `FUZZ_HISTORIES=500` plays as many others. */
const FOUND = [33, 59, 61, 72, 87, 105, 217]
const more = Number(process.env.FUZZ_HISTORIES ?? 0)
const seeds = more > 0 ? Array.from({ length: more }, (_, n) => n) : FOUND

test(`[E24] letters stay together while another changes their line (${seeds.length} bursts)`, async () => {
  const args = [WORKER, 'bursts', ...seeds.map(String)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  for await (const piece of child.stdout) told += piece
  const played = told
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as PlayedBurst)

  expect(played).toHaveLength(seeds.length)
  const seen = played.map(({ name, seen, faults }) => ({ name, seen, faults }))
  const expected = played.map(({ name, expected }) => ({ name, seen: expected, faults: [] }))
  expect(seen).toEqual(expected)
})
