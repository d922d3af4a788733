/**
 * Proofreader asks a process of its own, which is started by the first question and stopped when
 * nobody has asked for a while.
 *
 * 1. The time for an answer begins when the process is ready: on a slow machine loading alone
 *    takes longer than an answer may.
 * 2. A question that is given up leaves the process as it is, so that the next one need not wait
 *    for another start. Only a process that never gets ready, or answers nothing for three times as
 *    long as an answer may take, is ended.
 * 3. The death of the process fails what was asked, nothing else.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Log } from '#server/log.ts'
import { ModelError } from '../endpoint.ts'
import { ChildMessage, type LintAnswer, type LintRequest } from './harper-messages.ts'

export interface ProofreaderDeps {
  log: Log
  idleMs?: number
  /** For the start of the process: it loads 18 MB of code and dictionaries. */
  startMs?: number
  /** For one question, once the process is ready. */
  answerMs?: number
  /** The program of the process. */
  program?: URL
}

/** So many times `answerMs` without an answer, and the process is taken to hang. */
const HANGS = 3

interface Question {
  resolve(answer: LintAnswer): void
  reject(error: ModelError): void
  timer: NodeJS.Timeout | undefined
}

/** The process, and what is known of it. */
interface Child {
  process: ChildProcess
  ready: boolean
  /** Runs out when it does not get ready, or answers nothing. */
  patience: NodeJS.Timeout | undefined
}

export class Proofreader {
  readonly #deps: Required<ProofreaderDeps>
  readonly #questions = new Map<number, Question>()
  #child: Child | undefined
  #idle: NodeJS.Timeout | undefined
  #last = 0
  #closed = false

  constructor(deps: ProofreaderDeps) {
    this.#deps = {
      idleMs: 60_000,
      startMs: 300_000,
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
    this.#child ??= this.#start()
    const child = this.#child
    clearTimeout(this.#idle)
    const { promise, resolve, reject } = Promise.withResolvers<LintAnswer>()
    const question: Question = { resolve, reject, timer: undefined }
    this.#questions.set(id, question)
    if (child.ready) this.#await(question)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    child.process.send({ id, ...ask } satisfies LintRequest, (error) => {
      if (error) this.#fail('server', error)
    })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', abort)
      clearTimeout(question.timer)
      this.#questions.delete(id)
      this.#restLater()
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    const child = this.#child
    if (!child) return
    const ended = new Promise((resolve) => child.process.once('exit', resolve))
    this.#stop('cancelled')
    await ended
  }

  #start(): Child {
    const { log, program, startMs } = this.#deps
    const started = performance.now()
    // One tier of the compiler is enough for so little work, and saves 50 MB.
    const process = fork(program, {
      execArgv: ['--liftoff-only'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
    })
    const patience = setTimeout(() => this.#stop('timeout-first'), startMs)
    const child: Child = { process, ready: false, patience }
    process.on('message', (message) => {
      const said = ChildMessage.safeParse(message)
      if (said.success && this.#child === child) this.#hear(child, said.data)
    })
    process.on('error', (error) => this.#fail('server', error))
    process.on('exit', (code, by) => {
      const seconds = Math.round((performance.now() - started) / 1000)
      log.info({ code, by, seconds }, 'the proofreader ended')
      clearTimeout(child.patience)
      if (this.#child !== child) return
      this.#child = undefined
      this.#fail('server', undefined)
    })
    log.info({ pid: process.pid }, 'the proofreader started')
    return child
  }

  #hear(child: Child, said: ChildMessage): void {
    clearTimeout(child.patience)
    child.patience = undefined
    if ('ready' in said) {
      child.ready = true
      for (const question of this.#questions.values()) this.#await(question)
    } else {
      this.#questions.get(said.id)?.resolve(said)
    }
    if (this.#questions.size > 0) this.#expectLife(child)
    this.#restLater()
  }

  #await(question: Question): void {
    const late = () => question.reject(new ModelError('timeout-idle', 'no answer in time'))
    question.timer = setTimeout(late, this.#deps.answerMs)
    if (this.#child) this.#expectLife(this.#child)
  }

  /** Runs on while questions are given up: only an answer shows that the process lives. */
  #expectLife(child: Child): void {
    child.patience ??= setTimeout(() => this.#stop('timeout-idle'), this.#deps.answerMs * HANGS)
  }

  /** A process that is not ready yet goes on loading, for whoever asks next. */
  #restLater(): void {
    if (this.#questions.size > 0) return
    clearTimeout(this.#idle)
    if (!this.#child?.ready) return
    this.#idle = setTimeout(() => this.#stop('cancelled'), this.#deps.idleMs)
    this.#idle.unref()
  }

  #stop(fault: 'timeout-first' | 'timeout-idle' | 'cancelled'): void {
    const child = this.#child
    this.#child = undefined
    clearTimeout(child?.patience)
    child?.process.kill('SIGKILL')
    this.#fail(fault, undefined)
  }

  #fail(fault: 'server' | 'timeout-first' | 'timeout-idle' | 'cancelled', cause: unknown): void {
    for (const { reject } of this.#questions.values())
      reject(new ModelError(fault, 'the proofreader did not answer', { cause }))
  }
}
