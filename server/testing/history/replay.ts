/** Replay plays scripts in a process of their own, for tests of what they come to. */
import { spawnSync } from 'node:child_process'
import type { Script, Step } from './script.ts'

const WORKER = new URL('./worker.ts', import.meta.url).pathname

/** What a script comes to: what the first page shows at its end, and what broke. */
export interface Replayed {
  page: string | undefined
  broke: string[]
}

interface Play extends Partial<Omit<Script, 'steps'>> {
  markdown: string
  people: number
  steps: Step[]
}

/** Plays a script and tells what it comes to. */
export function replay(
  markdown: string,
  people: number,
  steps: Step[],
  options: Partial<Script> = {},
): Replayed {
  return replayAll([{ markdown, people, steps, ...options }])[0]!
}

/** Plays scripts one after the other: a process takes a second to start, a script a tenth of that. */
export function replayAll(plays: readonly Play[]): Replayed[] {
  const scripts = plays.map((play): Script => ({ seed: 1, instances: 1, calm: true, ...play }))
  const input = JSON.stringify(scripts)
  const options = { input, encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 28 } as const
  const { stdout, status } = spawnSync(process.execPath, [WORKER, 'replay'], options)
  if (status !== 0) throw new Error(`the worker ended with ${status}`)
  const parts = stdout.split(/^—$/m).slice(1)
  if (parts.length !== scripts.length) throw new Error(`only ${parts.length} scripts were played`)
  return parts.map((part) => {
    const lines = part.split('\n').map((line) => line.trim())
    const page = lines.findLast((line) => line.startsWith('ada: '))?.slice('ada: '.length)
    return { page, broke: lines.filter((line) => line.startsWith('✘')) }
  })
}
