/** A program of Debian's as a child of ours: what it says is kept, and it goes when we go. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const PATIENCE_MS = 30_000

export interface Start {
  program: string
  args: readonly string[]
  /** A port of 127.0.0.1 on which it listens once it is ready. */
  port: number
}

export class Program {
  readonly #start: Start
  #child: ChildProcess | undefined
  #output = ''

  constructor(start: Start) {
    this.#start = start
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts it (again); resolves when it listens, throws with what it said where it does not. */
  async run(): Promise<void> {
    const { program, args, port } = this.#start
    // In a process group of its own: Ctrl+C at the terminal is ours to pass on, in our order.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    this.#child = child
    this.#output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        this.#output = (this.#output + data.toString()).slice(-4000)
      })
    }
    let failed: Error | undefined
    child.once('error', (error) => {
      failed = error
    })
    process.off('exit', this.#abandon).once('exit', this.#abandon)
    const end = Date.now() + PATIENCE_MS
    while (!(await listens(port))) {
      if (failed || child.exitCode !== null || Date.now() > end) {
        await this.stop('SIGKILL')
        throw new Error(`${program} did not start: ${failed?.message ?? this.#output}`)
      }
      await pause(20)
    }
  }

  /** Sends the signal and resolves when the program is gone; one that is gone already is fine. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    process.off('exit', this.#abandon)
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  /** Freezes it, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  readonly #abandon = (): void => {
    this.#child?.kill('SIGKILL')
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
