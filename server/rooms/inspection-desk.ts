/**
 * The desk for large updates: has them inspected in a thread, and answers what the thread asks of
 * their rooms. One thread for the instance, started with the first large update; one update at a
 * time, in the order they came.
 */
import { Worker } from 'node:worker_threads'
import type { Known } from './frontier.ts'
import type { FromThread, ToThread } from './inspection-worker.ts'
import type { Verdict } from './inspector.ts'
import { answer, type Questions } from './told-known.ts'

interface Job {
  known: Known
  resolve(verdict: Verdict): void
  reject(error: Error): void
}

export class InspectionDesk {
  readonly #jobs = new Map<number, Job>()
  #thread: Worker | undefined
  #count = 0
  #closed = false

  /**
   * The verdict over what is `known`, which may grow meanwhile but must not lose anything. It
   * names no items, so nothing else may be judged over it until it is committed. Rejects where
   * the thread ended.
   */
  judge(
    update: Uint8Array,
    known: Known,
    user: string,
    maxNewClients: number,
    takingBack = false,
  ): Promise<Verdict> {
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>()
    if (this.#closed) reject(new Error('the desk is closed'))
    else {
      const job = this.#count++
      this.#jobs.set(job, { known, resolve, reject })
      this.#send({ job, update, user, maxNewClients, takingBack })
    }
    return promise
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#thread?.terminate()
  }

  #send(message: ToThread): void {
    this.#thread ??= this.#start()
    this.#thread.postMessage(message)
  }

  #start(): Worker {
    const thread = new Worker(new URL('./inspection-worker.ts', import.meta.url))
    let cause: unknown
    thread.unref()
    thread.on('message', (message: FromThread) => this.#hear(message))
    thread.on('error', (error) => {
      cause = error
    })
    thread.on('exit', () => {
      if (this.#thread === thread) this.#thread = undefined
      const jobs = [...this.#jobs.values()]
      this.#jobs.clear()
      for (const { reject } of jobs) reject(new Error('the inspection thread ended', { cause }))
    })
    return thread
  }

  #hear(message: FromThread): void {
    const job = this.#jobs.get(message.job)
    if (!job) return
    if ('questions' in message) return this.#answer(message.job, job, message.questions)
    this.#jobs.delete(message.job)
    if ('verdict' in message) job.resolve(message.verdict)
    else job.reject(new Error(message.problem))
  }

  #answer(number: number, { known, reject }: Job, questions: Questions): void {
    try {
      this.#send({ job: number, answers: answer(known, questions) })
    } catch (error) {
      this.#jobs.delete(number)
      reject(new Error('the room could not be asked', { cause: error }))
      this.#send({ job: number, answers: undefined })
    }
  }
}
