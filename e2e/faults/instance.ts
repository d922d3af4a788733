/** One Gloss process of a world, with a wire of its own to each of its servers, and its output. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GlossProcess } from '#e2e/gloss-process.ts'
import { INSIDE, type Inside } from './inside.ts'
import type { FaultProxy } from './proxy.ts'

/** What no fault may make a process say. */
const UNHANDLED = /unhandled|uncaught|TypeError|RangeError|ReferenceError|ERR_INTERNAL|FATAL ERROR/i

/** What a process holds open, and what is alive in it. */
export interface Held extends Inside {
  sockets: number
  /** Files of a name, the database's among them. */
  files: number
}

const LOOK_MS = 60_000

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
  /** What it held before anybody came. */
  #atRest: Held | undefined
  #isUp = true

  private constructor(gloss: GlossProcess, wires: Wires) {
    this.gloss = gloss
    this.wires = wires
  }

  static async of(gloss: GlossProcess, wires: Wires): Promise<Instance> {
    const instance = new Instance(gloss, wires)
    instance.#atRest = await instance.held()
    return instance
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
    this.#atRest = await this.held()
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

  get atRest(): Held {
    if (!this.#atRest) throw new Error('nobody has looked')
    return this.#atRest
  }

  /** After a collection of garbage; throws where the process does not answer. */
  async held(): Promise<Held> {
    const from = this.gloss.output.length
    process.kill(this.gloss.pid, 'SIGUSR2')
    const end = performance.now() + LOOK_MS
    for (;;) {
      const said = this.gloss.output.slice(from).split('\n').slice(0, -1)
      const line = said.find((one) => one.startsWith(INSIDE))
      if (line) return { ...this.#open(), ...(JSON.parse(line.slice(INSIDE.length)) as Inside) }
      if (performance.now() > end) throw new Error('a process does not say what it holds')
      await sleep(20)
    }
  }

  #open(): { sockets: number; files: number } {
    const folder = `/proc/${this.gloss.pid}/fd`
    const names = readdirSync(folder).map((name) => {
      try {
        return readlinkSync(`${folder}/${name}`)
      } catch {
        return '' // closed meanwhile
      }
    })
    const sockets = names.filter((name) => name.startsWith('socket:')).length
    return { sockets, files: names.filter((name) => name.startsWith('/')).length }
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
