/** Replay plays one script in a process of its own, for tests of what it comes to. */
import { spawnSync } from 'node:child_process'
import type { Script, Step } from './script.ts'

const WORKER = new URL('./worker.ts', import.meta.url).pathname

/** Plays a script and tells what the first page shows at its end, with what broke. */
export function replay(
  markdown: string,
  people: number,
  steps: Step[],
  { seed = 1, instances = 1, calm = true }: Partial<Script> = {},
) {
  const script: Script = { seed, markdown, people, instances, calm, steps }
  const input = JSON.stringify(script)
  const options = { input, encoding: 'utf8', timeout: 60_000 } as const
  const { stdout, status } = spawnSync(process.execPath, [WORKER, 'replay'], options)
  if (status !== 0) throw new Error(`the worker ended with ${status}`)
  const lines = stdout.split('\n').map((line) => line.trim())
  const page = lines.findLast((line) => line.startsWith('ada: '))?.slice('ada: '.length)
  return { page, broke: lines.filter((line) => line.startsWith('✘')) }
}
