/** One Gloss process of a world, with a wire of its own to each of its servers, and its output. */
import { readdirSync, readFileSync } from 'node:fs'
import type { GlossProcess } from '#e2e/gloss-process.ts'
import type { FaultProxy } from './proxy.ts'

/** What no fault may make a process say. */
const UNHANDLED = /unhandled|uncaught|TypeError|RangeError|ReferenceError|ERR_INTERNAL|FATAL ERROR/i

export interface Wires {
  database: FaultProxy | undefined
  bus: FaultProxy | undefined
}

export class Instance {
  readonly gloss: GlossProcess
  readonly wires: Wires
  readonly #past: string[] = []
  /** Ends that nobody asked for. */
  deaths = 0
  /** Open files before anybody came. */
  filesAtRest: number
  #isUp = true

  constructor(gloss: GlossProcess, wires: Wires) {
    this.gloss = gloss
    this.wires = wires
    this.filesAtRest = this.files
  }

  get url(): string {
    return this.gloss.url
  }
  get isUp(): boolean {
    return this.#isUp
  }

  /** Lines that it should not have said, in all its lives. */
  get complaints(): string[] {
    const lines = this.log.split('\n')
    return lines.filter((line) => UNHANDLED.test(line)).map((line) => line.slice(0, 300))
  }

  /** All that it said, in all its lives. */
  get log(): string {
    return [...this.#past, this.gloss.output].join('\n')
  }

  async kill(): Promise<void> {
    this.#note()
    await this.gloss.kill()
  }

  /** Its exit code. */
  async terminate(): Promise<number | null> {
    this.#note()
    return await this.gloss.terminate()
  }

  async start(): Promise<void> {
    await this.gloss.run()
    this.filesAtRest = this.files
    this.#isUp = true
  }

  #note(): void {
    if (!this.gloss.alive) this.deaths++
    this.#isUp = false
    this.#past.push(this.gloss.output)
  }

  /** Resident memory in MiB. */
  get mebibytes(): number {
    const status = readFileSync(`/proc/${this.gloss.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }

  /** Open files, sockets among them. */
  get files(): number {
    return readdirSync(`/proc/${this.gloss.pid}/fd`).length
  }

  /** One of its metrics, summed over labels. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`${this.url}/metrics`)
    let sum = 0
    for (const line of (await response.text()).split('\n')) {
      if (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) {
        sum += Number(line.slice(line.lastIndexOf(' ') + 1))
      }
    }
    return sum
  }

  /** 200 or why not. */
  async readiness(): Promise<string> {
    const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
    return response.ok ? 'ready' : (await response.text()).trim()
  }
}
