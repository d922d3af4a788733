/** A real server process, as a newcomer starts it: its own folder, a free port, killed for real. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** A start takes two seconds of a core, of which a crowded machine gives little. */
const START_MS = 120_000
/** Where Node keeps what it has compiled, if anywhere: half of what a start costs. */
const { NODE_COMPILE_CACHE } = process.env
const COMPILED = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }

export interface GlossOptions {
  env?: Record<string, string>
  /** A folder that is somebody else's to remove, such as a disk of its own. */
  dataDir?: string
}

export class GlossProcess {
  readonly dataDir: string
  readonly #env: Record<string, string>
  readonly #ownsFolder: boolean
  #child: ChildProcess | undefined
  #port = 0
  /** What it wrote, for the failure's report. */
  output = ''

  private constructor({ env = {}, dataDir }: GlossOptions, folder: string) {
    this.dataDir = folder
    this.#env = env
    this.#ownsFolder = dataDir === undefined
  }

  static async start(options: GlossOptions = {}): Promise<GlossProcess> {
    const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'gloss-e2e-')))
    const gloss = new GlossProcess(options, folder)
    try {
      await gloss.run()
      return gloss
    } catch (error) {
      await gloss.stop()
      throw error
    }
  }

  get url(): string {
    return `http://localhost:${this.#port}`
  }
  get port(): number {
    return this.#port
  }
  /** False once it has ended, by whatever cause. */
  get alive(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts the process (again), on the port it had. */
  async run(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort()
    const child = spawn(process.execPath, ['server/main.ts'], {
      env: {
        PATH: process.env.PATH ?? '',
        LOG_LEVEL: 'warn',
        ...COMPILED,
        ...this.#env,
        PORT: String(this.#port),
        DATA_DIR: this.dataDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    process.off('exit', this.#abandon).once('exit', this.#abandon)
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no start:\n${this.output}`)), START_MS)
      const hear = (data: Buffer) => {
        this.output += data.toString()
        const found = /Gloss is at (\S+)/.exec(
          this.output.slice(this.output.lastIndexOf('Gloss is at')),
        )
        if (found?.[1]) {
          clearTimeout(timer)
          resolve(found[1])
        }
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      child.once('exit', (code) => {
        clearTimeout(timer)
        reject(new Error(`exit ${code}:\n${this.output}`))
      })
    })
    this.#port = Number(new URL(url).port)
    this.output = ''
  }

  /** No good-bye: what was promised must be on the disk. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }
  async terminate(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  /** Freezes the process, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL')
    if (this.#ownsFolder) await rm(this.dataDir, { recursive: true, force: true })
  }

  /** One of its own figures: the sum over what the labels say. */
  async metric(name: string, labels = ''): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    const lines = text.split('\n').filter((line) => /^\w+/.exec(line)?.[0] === name)
    const values = lines.filter((line) => line.includes(labels)).map((line) => line.split(' ')[1])
    return values.reduce((sum, value) => sum + Number(value), 0)
  }

  readonly #abandon = (): void => {
    this.#child?.kill('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    this.#child = undefined
    process.off('exit', this.#abandon)
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      return child?.exitCode ?? null
    }
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exit) as [number | null]
    return code
  }
}
