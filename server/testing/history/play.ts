/** Play performs a script on a stage with real rooms and real editors, and tells what broke. */

import { Hands } from '#server/testing/history/hands/hands.ts'
import { Page } from '#server/testing/history/hands/page.ts'
import { Account, type Fault } from '#server/testing/history/judging/account.ts'
import { checkDecisions } from '#server/testing/history/judging/check-decisions.ts'
import { checkReplicas } from '#server/testing/history/judging/check-replicas.ts'
import { FINAL, OF_DECISIONS } from '#server/testing/history/judging/fault-kinds.ts'
import { RunLog } from '#server/testing/history/judging/run-log.ts'
import { Asks } from '#server/testing/history/world/asks.ts'
import { begin, clock } from '#server/testing/history/world/determinism.ts'
import { Stage } from '#server/testing/history/world/stage.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import {
  type Gesture,
  NAMES,
  type Request,
  type Script,
  type Step,
  stepText,
  type Travel,
} from './script.ts'

export interface Outcome {
  calm: boolean
  faults: Fault[]
  typed: number
  steps: number
}

export interface PlayOptions {
  /** Told of each step when it is done, with what the first page shows. */
  onStep?: (line: string) => void
  /** The history is over once it has this fault, and looks no further than where that shows. */
  until?: Fault['kind'] | undefined
}

/** Plays a script from its first content to the end of all checks. Never throws. */
export async function play(script: Script, options: PlayOptions = {}): Promise<Outcome> {
  begin(script.seed)
  const history = new History(script, options)
  try {
    await history.open()
    await history.perform()
    await history.check()
  } catch (error) {
    history.fault('threw', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  await history.close()
  return history.outcome
}

const ROUNDS = 60

class History {
  readonly #script: Script
  readonly #options: PlayOptions
  readonly #faults: Fault[] = []
  readonly #account = new Account()
  readonly #runLog = new RunLog()
  readonly #pages: Page[] = []
  #stage!: Stage
  #asks!: Asks
  readonly #hands = new Hands(this.#account, this.#faults)
  #reloads = 0

  constructor(script: Script, options: PlayOptions) {
    this.#script = script
    this.#options = options
  }

  get outcome(): Outcome {
    const { calm } = this.#script
    return {
      calm,
      faults: this.#faults,
      typed: this.#hands.typed,
      steps: this.#script.steps.length,
    }
  }

  fault(kind: Fault['kind'], what: string): void {
    this.#faults.push({ kind, what })
  }

  async open(): Promise<void> {
    this.#stage = await Stage.open(this.#script.markdown)
    this.#asks = new Asks(this.#stage, this.#account)
    for (let who = 0; who < this.#script.people; who++) await this.#openPage(who)
    this.#account.begin(this.#pages[0]!.glyphs)
  }

  async perform(): Promise<void> {
    for (const [n, step] of this.#script.steps.entries()) {
      await this.#step(step)
      await clock.advance(20)
      if (this.#script.calm) await this.#quiet()
      this.#options.onStep?.(`${n} ${stepText(step)}`)
      this.#options.onStep?.(
        this.#pages
          .map(({ name, view }) => `   ${name}: ${view.replaceAll('\n', ' | ')}`)
          .join('\n'),
      )
      await this.#see()
      if (this.#broken() || this.#isFound()) return
    }
  }

  #isFound(): boolean {
    return this.#faults.some(({ kind }) => kind === this.#options.until)
  }

  async check(): Promise<void> {
    if (this.#broken() || this.#isFound()) return
    this.#stage.model.finishAll()
    await clock.advance(LIMITS.placeWaitMs)
    this.#stage.hub.carry()
    for (const page of this.#pages) page.online = true
    await this.#quiet()
    await this.#see()
    if (this.#broken()) return
    const given = {
      stage: this.#stage,
      account: this.#account,
      pages: this.#pages,
      seed: this.#script.seed,
      quiet: () => this.#quiet(),
    }
    this.#faults.push(...(await checkReplicas(given)))
    const { until } = this.#options
    if (this.#broken() || this.#isFound() || (until && !OF_DECISIONS.has(until))) return
    this.#faults.push(...(await checkDecisions(given)))
    this.#broken()
  }

  async close(): Promise<void> {
    for (const page of this.#pages) page.close()
    await this.#stage?.close().catch((error: unknown) => this.fault('threw', `closing: ${error}`))
  }

  /** Notes what pages and rooms complain of; true where nothing that follows would mean anything. */
  #broken(): boolean {
    for (const page of this.#pages) {
      for (const error of page.errors.splice(0)) {
        this.fault('threw', `${page.name}: ${error instanceof Error ? error.stack : String(error)}`)
      }
      for (const error of page.slips.splice(0)) {
        this.fault(
          'gesture threw',
          `${page.name}: ${error instanceof Error ? error.stack : String(error)}`,
        )
      }
      for (const { reason } of page.line.nacks.splice(0))
        this.fault('refused', `${page.name}: ${reason}`)
    }
    for (const complaint of this.#stage?.complaints.splice(0) ?? [])
      this.fault('room lost', complaint)
    return this.#faults.some(({ kind }) => FINAL.has(kind))
  }

  async #see(): Promise<void> {
    for (const { wrote, flagged } of await this.#runLog.next(this.#stage)) {
      for (const glyph of wrote) this.#account.wrote(glyph)
      for (const glyph of flagged) this.#account.proposed(glyph)
    }
    for (const { glyphs } of this.#pages) this.#account.see(glyphs)
  }

  async #openPage(who: number, before?: Page): Promise<void> {
    const name = NAMES[who]!
    const page = new Page(name, this.#reloads, clientOf(this.#script.seed, who, this.#reloads))
    this.#pages[who] = page
    if (before) page.line.takeOver(before.line)
    page.online = before?.online ?? true
    if (page.online) await this.#connect(page)
    if (!before && !(await this.#saved(page))) {
      throw new Error(`${name} does not get the document`)
    }
    page.open()
    await clock.settle()
  }

  async #connect(page: Page): Promise<void> {
    page.line.connect(await this.#stage.room(this.#instanceOf(page)))
    page.line.holdUp()
    page.line.holdDown()
  }

  #instanceOf(page: Page): string {
    const who = NAMES.indexOf(page.name as (typeof NAMES)[number])
    return this.#script.instances > 1 && who === 1 ? 'two' : 'one'
  }

  async #carry(page: Page, way: 'up' | 'down', count: number): Promise<void> {
    for (let n = 0; n < count && page.line.underWay(way) > 0; n++) {
      page.line.carryOne(way)
      await clock.settle()
    }
  }

  /** All that a page has written is with the server, and it has heard so. */
  async #saved(page: Page): Promise<boolean> {
    for (let n = 0; n < 20 && !page.line.saved; n++) {
      await this.#carry(page, 'up', Number.POSITIVE_INFINITY)
      await this.#carry(page, 'down', Number.POSITIVE_INFINITY)
      await clock.advance(10)
    }
    return page.line.saved
  }

  /** Everybody online, everything delivered, settled and repaired. */
  async #quiet(): Promise<void> {
    let calm = 0
    for (let round = 0; round < ROUNDS; round++) {
      let moved = false
      for (const page of this.#pages) {
        if (!page.online) continue
        if (!page.line.online) {
          await this.#connect(page)
          moved = true
        }
        for (const way of ['up', 'down'] as const) {
          if (page.line.underWay(way) > 0) moved = true
          await this.#carry(page, way, Number.POSITIVE_INFINITY)
        }
      }
      await clock.advance(moved ? 20 : 350)
      calm = moved ? 0 : calm + 1
      if (calm > 1) return
    }
    this.fault('never quiet', `after ${ROUNDS} rounds`)
  }

  async #step(step: Step): Promise<void> {
    if ('who' in step) {
      const page = this.#pages[step.who]
      if (page?.editor) await this.#ofPerson(page, step.who, step)
      return
    }
    const { hub, model } = this.#stage
    switch (step.do) {
      case 'say':
        return model.say(this.#asks.numberOf(step.run), step.tokens)
      case 'break-off':
        return model.breakOff(this.#asks.numberOf(step.run))
      case 'wait':
        return clock.advance(step.ms)
      case 'quiet':
        return this.#quiet()
      case 'deaf':
        return hub.hold()
      case 'hear':
        return hub.carry()
      case 'restart':
        await this.#stage.restart()
        return this.#reconnect()
      case 'reopen-room':
        for (const page of this.#pages) page.line.disconnect()
        await this.#stage.dropRooms()
        return this.#reconnect()
    }
  }

  async #reconnect(): Promise<void> {
    for (const page of this.#pages) if (page.online && !page.line.online) await this.#connect(page)
  }

  async #ofPerson(page: Page, who: number, step: Gesture | Request | Travel): Promise<void> {
    switch (step.do) {
      case 'carry':
        await this.#carry(page, 'up', step.up)
        return this.#carry(page, 'down', step.down)
      case 'offline':
        page.online = false
        return page.line.disconnect()
      case 'online':
        page.online = true
        return page.line.online ? undefined : this.#connect(page)
      case 'reload':
        return this.#reload(page, who)
      case 'ask':
      case 'continue':
      case 'stop':
      case 'reopen':
        if (!page.line.online || !(await this.#saved(page))) return
        return this.#asks.perform(page, this.#instanceOf(page), step)
      case 'decide':
      case 'decide-all':
        return this.#asks.decide(page, step)
      default:
        return this.#hands.perform(page, step)
    }
  }

  /** A new tab: without a connection, or with unsaved words, it begins with what the device kept. */
  async #reload(page: Page, who: number): Promise<void> {
    if (page.online) await this.#quiet()
    const before = page.line.saved ? undefined : page
    page.line.disconnect()
    this.#reloads++
    await this.#openPage(who, before)
    page.close()
  }
}

/** Yjs decides by client ids what comes first: they follow from the seed, whatever is left out. */
function clientOf(seed: number, who: number, incarnation: number): number {
  let hash = 2166136261
  for (const part of [seed, who + 1, incarnation + 1]) hash = Math.imul(hash ^ part, 16777619) >>> 0
  return (hash ^ (hash >>> 15)) >>> 1
}
