/** What every server under measurement can do, and the process that it is. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { PageText } from '#e2e/bench/page/text.ts'
import type { Where } from '#e2e/bench/page/typist.ts'
import type { Place } from '#e2e/bench/participant.ts'
import type { Address } from '#e2e/bench/wire/web-socket.ts'

/** A name in tables and in `--servers`. */
export type ServerName = 'raw' | 'yws' | 'yws+leveldb' | 'hocuspocus' | 'gloss' | 'sse' | 'lexical'

export interface BenchServer {
  readonly name: ServerName
  readonly pid: number
  /** Names of rooms that are there to join; made where the server wants that. */
  rooms(count: number): Promise<string[]>
  /** Where the n-th socket of a run knocks to get into `room`. */
  place(room: string, n: number): Promise<Place>
  /** Where the n-th reader of a room's SSE lane knocks, where there is such a lane. */
  lane?(room: string, n: number): Promise<Address>
  /** Asks the model behind this URL to write into the room; the lane tells what it says. */
  ask?(room: string, model: string): Promise<void>
  /** Where a browser opens this text, where the server has a page. */
  page?(text: PageText): Promise<Where>
  /** No good-bye. */
  kill(): Promise<void>
  /** SIGTERM, and as long as it takes. */
  terminate(): Promise<void>
  /** Starts again over the same data. */
  restart(): Promise<void>
  /** Kills it and forgets its data. */
  dispose(): Promise<void>
}

const START_MS = 30_000

export interface ProcessOptions {
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  /** Finds the port in what the process prints. */
  port: RegExp
}

/** A server process that tells its port on standard output. */
export class ServerProcess {
  readonly #options: ProcessOptions
  #child: ChildProcess | undefined
  #output = ''
  port = 0

  constructor(options: ProcessOptions) {
    this.#options = options
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Resolves when it listens. Throws with what it printed where it does not start. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { args, cwd, port } = this.#options
    const child = spawn(process.execPath, profiled(args), {
      cwd,
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...this.#options.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#output = ''
    this.port = await new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${args[0]} ${why}:\n${this.#output}`))
      const timer = setTimeout(() => fail('did not start'), START_MS)
      const hear = (data: Buffer) => {
        if (this.#output.length < 10_000) this.#output += data.toString()
        const found = port.exec(this.#output)?.[1]
        if (found === undefined) return
        clearTimeout(timer)
        resolve(Number(found))
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      child.once('exit', (code) => {
        clearTimeout(timer)
        fail(`ended with ${code}`)
      })
    })
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
}

/** BENCH_PROFILE=<folder> writes a CPU profile of every server that ends by SIGTERM. */
function profiled(args: readonly string[]): string[] {
  const folder = process.env.BENCH_PROFILE
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, ...args] : [...args]
}
