/** The thread in which logs are compacted, off the event loop. One job in, one answer out. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { compact, type LogBytes } from './compaction.ts'

export type CompactionAnswer = { data: Uint8Array<ArrayBuffer> } | { problem: string }

/** On Linux a priority is one thread's own: whoever types goes first where cores are few. */
const WHEN_NOBODY_ELSE = 19
if (process.platform === 'linux') setPriority(0, WHEN_NOBODY_ELSE)

parentPort?.on('message', (log: LogBytes) => {
  try {
    const data = compact(log) as Uint8Array<ArrayBuffer>
    parentPort?.postMessage({ data } satisfies CompactionAnswer, [data.buffer])
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({ problem } satisfies CompactionAnswer)
  }
})
