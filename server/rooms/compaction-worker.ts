/** The thread in which logs are compacted, off the event loop. One job in, one answer out. */
import { parentPort } from 'node:worker_threads'
import { compact, type LogBytes } from './compaction.ts'

export type CompactionAnswer = { data: Uint8Array } | { problem: string }

parentPort?.on('message', (log: LogBytes) => {
  let answer: CompactionAnswer
  try {
    answer = { data: compact(log) }
  } catch (error) {
    answer = { problem: error instanceof Error ? error.message : String(error) }
  }
  parentPort?.postMessage(answer)
})
