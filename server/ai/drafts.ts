/**
 * Reads texts in: markdown to the first content of a document. Text can be made so that reading it
 * takes minutes, so a large one is read in a thread of its own, a few at a time, and not for long.
 */
import { Worker } from 'node:worker_threads'
import type { FirstContent } from '#server/rooms/first-content.ts'
import { GlossError } from '#shared/errors.ts'
import { draft } from './draft.ts'

/** Longer texts are large: however it is made, a shorter one takes less than 50 ms. */
const LARGE_CHARACTERS = 2_048
const LIMIT_MS = 10_000
const AT_ONCE = 2
const WAITING = 16

export class Drafts {
  readonly #limitMs: number
  readonly #threads = new Set<Worker>()
  readonly #waiting: (() => void)[] = []
  #reading = 0
  #closed = false

  constructor({ limitMs = LIMIT_MS } = {}) {
    this.#limitMs = limitMs
  }

  /** Throws `too-large` for what takes too long to read, `too-many` when many wait already. */
  async of(markdown = ''): Promise<FirstContent> {
    if (markdown.length <= LARGE_CHARACTERS) return draft(markdown)
    await this.#turn()
    try {
      return await this.#inThread(markdown)
    } finally {
      this.#reading--
      this.#waiting.shift()?.()
    }
  }

  /** What is being read is given up. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    for (const go of this.#waiting.splice(0)) go()
    await Promise.all([...this.#threads].map((thread) => thread.terminate()))
  }

  async #turn(): Promise<void> {
    if (this.#reading >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) throw new GlossError('too-many', 'too many large texts')
      await new Promise<void>((go) => this.#waiting.push(go))
    }
    if (this.#closed) throw new GlossError('stopping', 'no more texts are read')
    this.#reading++
  }

  async #inThread(markdown: string): Promise<FirstContent> {
    const thread = new Worker(new URL('./draft-worker.ts', import.meta.url), {
      workerData: markdown,
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    })
    this.#threads.add(thread)
    const { promise, resolve, reject } = Promise.withResolvers<FirstContent>()
    const timer = setTimeout(() => reject(tooLarge('it takes too long')), this.#limitMs)
    // Under `node --watch` the runtime talks on this channel too.
    thread.on('message', (content: FirstContent) => 'update' in content && resolve(content))
    thread.on('error', (cause) => reject(tooLarge('it takes too much', cause)))
    thread.on('exit', () => reject(new GlossError('stopping', 'the thread was ended')))
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#threads.delete(thread)
      await thread.terminate()
    }
  }
}

function tooLarge(why: string, cause?: unknown): GlossError {
  const error = new GlossError('too-large', `a text cannot be read in: ${why}`, cause)
  error.public = 'This text is too intricate to be read in at once. Bring it in parts.'
  return error
}
