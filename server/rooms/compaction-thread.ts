/**
 * The thread in which logs are compacted: started with the first, kept for the next ones, since to
 * start it costs more than most logs do, and ended when there has been nothing for long or when a
 * log was so large that its memory had better go back.
 */
import { Worker } from 'node:worker_threads'
import type { LogBytes } from './compaction.ts'
import type { CompactionAnswer } from './compaction-worker.ts'

const KEEP_MS = 10 * 60_000
const LARGE_BYTES = 4 * 1024 * 1024

export class CompactionThread {
  readonly #keepMs: number
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #starts = 0

  constructor({ keepMs = KEEP_MS } = {}) {
    this.#keepMs = keepMs
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts
  }

  /**
   * The snapshot's bytes; what was given is gone afterwards. One at a time. Throws where the
   * snapshot would not say what the log says, and where the thread was ended.
   */
  async compact(log: LogBytes): Promise<Uint8Array> {
    clearTimeout(this.#timer)
    const bytes = sizeOf(log)
    try {
      const answer = await this.#ask(log)
      if ('problem' in answer) throw new Error(answer.problem)
      return answer.data
    } finally {
      if (bytes > LARGE_BYTES) await this.close()
      else this.#timer = setTimeout(() => void this.close(), this.#keepMs).unref()
    }
  }

  /** Ends it. What is under way fails; the next log starts it anew. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  async #ask(log: LogBytes): Promise<CompactionAnswer> {
    const worker = this.#worker ?? this.#start()
    const { promise, resolve, reject } = Promise.withResolvers<CompactionAnswer>()
    // Under `node --watch` the runtime talks on this channel too.
    const heard = (message: CompactionAnswer) => {
      if ('problem' in message || 'data' in message) resolve(message)
    }
    const exited = () => reject(new Error('the thread ended'))
    worker.on('message', heard)
    worker.once('error', reject)
    worker.once('exit', exited)
    worker.postMessage(log, [...ownBuffers(log)])
    try {
      return await promise
    } finally {
      worker.off('message', heard)
      worker.off('error', reject)
      worker.off('exit', exited)
    }
  }

  #start(): Worker {
    this.#starts++
    const worker = new Worker(new URL('./compaction-worker.ts', import.meta.url))
    worker.unref()
    const gone = () => {
      if (this.#worker === worker) this.#worker = undefined
    }
    worker.once('exit', gone)
    // Whoever waits hears of it; with nobody waiting it only has to be started anew.
    worker.on('error', gone)
    this.#worker = worker
    return worker
  }
}

const partsOf = ({ snapshot, updates }: LogBytes): readonly Uint8Array[] =>
  snapshot ? [snapshot, ...updates] : updates

const sizeOf = (log: LogBytes): number =>
  partsOf(log).reduce((sum, { byteLength }) => sum + byteLength, 0)

/** All that the log is made of is handed over and not copied; a Buffer may share its memory. */
function ownBuffers(log: LogBytes): Set<ArrayBuffer> {
  const buffers = new Set<ArrayBuffer>()
  for (const { buffer, constructor: kind } of partsOf(log)) {
    if (kind === Uint8Array && buffer instanceof ArrayBuffer) buffers.add(buffer)
  }
  return buffers
}
