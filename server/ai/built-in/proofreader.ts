/**
 * The proofreader as the server sees it: a process that is started by the first question and
 * stopped when nobody has asked for a while. Its death fails what was asked, nothing else.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Log } from '#server/log.ts'
import { ModelError } from '../endpoint.ts'
import { LintAnswer, type LintRequest } from './harper-messages.ts'

export interface ProofreaderDeps {
  log: Log
  idleMs?: number
  /** For one question, the start of the process included. */
  answerMs?: number
  /** The program of the process. */
  program?: URL
}

interface Question {
  resolve(answer: LintAnswer): void
  reject(error: ModelError): void
  timer: NodeJS.Timeout
}

export class Proofreader {
  readonly #deps: Required<ProofreaderDeps>
  readonly #questions = new Map<number, Question>()
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #last = 0
  #closed = false

  constructor(deps: ProofreaderDeps) {
    this.#deps = {
      idleMs: 60_000,
      answerMs: 30_000,
      program: new URL('./harper-child.ts', import.meta.url),
      ...deps,
    }
  }

  /** Whether the process is there. */
  get running(): boolean {
    return this.#child !== undefined
  }

  /** Throws a ModelError when the process fails, and the signal's reason when it aborts. */
  async check(ask: Omit<LintRequest, 'id'>, signal: AbortSignal): Promise<LintAnswer> {
    signal.throwIfAborted()
    if (this.#closed) throw new ModelError('server', 'the proofreader is closed')
    const id = ++this.#last
    const child = this.#start()
    clearTimeout(this.#idle)
    const { promise, resolve, reject } = Promise.withResolvers<LintAnswer>()
    const timer = setTimeout(() => this.#stop('timeout-idle'), this.#deps.answerMs)
    this.#questions.set(id, { resolve, reject, timer })
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    child.send({ id, ...ask } satisfies LintRequest, (error) => {
      if (error) this.#fail('server', error)
    })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', abort)
      clearTimeout(timer)
      this.#questions.delete(id)
      if (this.#questions.size === 0) this.#restLater()
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    const child = this.#child
    if (!child) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    this.#stop('cancelled')
    await ended
  }

  #start(): ChildProcess {
    if (this.#child) return this.#child
    const { log, program } = this.#deps
    const started = performance.now()
    // One tier of the compiler is enough for so little work, and saves 50 MB.
    const child = fork(program, {
      execArgv: ['--liftoff-only'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
    })
    this.#child = child
    child.on('message', (message) => {
      const answer = LintAnswer.safeParse(message)
      if (answer.success) this.#questions.get(answer.data.id)?.resolve(answer.data)
    })
    child.on('error', (error) => this.#fail('server', error))
    child.on('exit', (code, by) => {
      const seconds = Math.round((performance.now() - started) / 1000)
      log.info({ code, by, seconds }, 'the proofreader ended')
      if (this.#child !== child) return
      this.#child = undefined
      this.#fail('server', undefined)
    })
    log.info({ pid: child.pid }, 'the proofreader started')
    return child
  }

  #restLater(): void {
    clearTimeout(this.#idle)
    if (!this.#child) return
    this.#idle = setTimeout(() => this.#stop('cancelled'), this.#deps.idleMs)
    this.#idle.unref()
  }

  #stop(fault: 'timeout-idle' | 'cancelled'): void {
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#fail(fault, undefined)
  }

  #fail(fault: 'server' | 'timeout-idle' | 'cancelled', cause: unknown): void {
    for (const { reject } of this.#questions.values())
      reject(new ModelError(fault, 'the proofreader did not answer', { cause }))
  }
}
