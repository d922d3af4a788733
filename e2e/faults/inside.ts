/**
 * Preloaded into a process to look inside it: at SIGUSR2 it says in one line how many timers and
 * documents are alive in its main thread, and how large its heap is, after a collection.
 */
import { queryObjects } from 'node:v8'
import { isMainThread } from 'node:worker_threads'

export interface Inside {
  timers: number
  docs: number
  /** Of the heap that is in use. */
  mebibytes: number
}

/** How the line begins. */
export const INSIDE = 'inside '

type Kind = new (...given: never[]) => unknown

async function look(): Promise<void> {
  const timer = setTimeout(() => undefined, 0)
  const Timer = timer.constructor as Kind
  clearTimeout(timer)
  // Imported here and now: a process that never loads Yjs has none of its documents.
  const { Doc } = await import('yjs')
  // Those that were cleared may still be held by whoever set them.
  const set = queryObjects(Timer, { format: 'summary' })
  const timers = set.filter((one) => /_destroyed: false/.test(one)).length
  const docs = queryObjects(Doc, { format: 'count' })
  const mebibytes = process.memoryUsage().heapUsed / 1024 / 1024
  process.stdout.write(`${INSIDE}${JSON.stringify({ timers, docs, mebibytes } satisfies Inside)}\n`)
}

// Imported by who reads the line too: only the process that is looked into is asked.
if (isMainThread && process.env.FAULT_INSIDE === '1') {
  process.on('SIGUSR2', () => {
    look().catch((error: unknown) => process.stdout.write(`${INSIDE}${String(error)}\n`))
  })
}
