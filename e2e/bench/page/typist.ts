/** Opens a page in Chromium and types in the middle of its text, and times both inside the page. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Browser,
  type BrowserContext,
  type CDPSession,
  chromium,
  type Locator,
  type Page,
} from '@playwright/test'
import { chromiumOptions } from '#e2e/chromium.ts'

const OPENING_MS = 90_000
/** Between keys, as a quick typist's fingers; a page that is slower is waited for. */
const KEY_MS = 120
/** A window of keys is over, however few of them were painted by then. */
const WINDOW_MS = 25_000

export interface Where {
  url: string
  /** Of a session, such as `gloss=…`. */
  cookie?: string
}

export interface Opening {
  /** From the navigation to the first frame in which the whole text can be edited. */
  ms: number
  /** Of that, what the page's main thread worked. */
  busyMs: number
}

export interface Keys {
  /** From a key to the end of the frame that shows its letter, a figure a key. */
  paints: number[]
  /** What the main thread worked, a key. */
  busyMs: number
  /** The part of it that is script: the local write. */
  scriptMs: number
}

/** Runs in the page before its own scripts. */
function watch(blocks: number): void {
  const told = { openMs: 0, paints: [] as number[] }
  Object.assign(globalThis, { bench: told })
  const painted = (then: () => void) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = then
      channel.port2.postMessage(null)
    })
  const look = () => {
    const text = document.querySelector('[contenteditable="true"]')
    if (!text || text.childElementCount < blocks * 0.9) return requestAnimationFrame(look)
    painted(() => {
      told.openMs = performance.now()
    })
  }
  requestAnimationFrame(look)
  const key = ({ timeStamp }: KeyboardEvent) =>
    painted(() => told.paints.push(performance.now() - timeStamp))
  addEventListener('keydown', key, { capture: true })
}

interface Told {
  bench: { openMs: number; paints: number[] }
}

export class PageTypist {
  readonly #browser: Browser
  readonly #context: BrowserContext
  readonly #blocks: number
  #metrics: CDPSession | undefined
  #page: Page | undefined

  private constructor(browser: Browser, context: BrowserContext, blocks: number) {
    this.#browser = browser
    this.#context = context
    this.#blocks = blocks
  }

  static async start({ url, cookie }: Where, blocks: number): Promise<PageTypist> {
    const browser = await chromium.launch(chromiumOptions())
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    if (cookie !== undefined) {
      const at = cookie.indexOf('=')
      await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url }])
    }
    await context.addInitScript(watch, blocks)
    return new PageTypist(browser, context, blocks)
  }

  get page(): Page {
    if (!this.#page) throw new Error('no page is open')
    return this.#page
  }
  get text(): Locator {
    return this.page.getByRole('textbox', { name: 'Document text' })
  }

  /** In a tab of its own, so that its counters begin with it. */
  async open(url: string): Promise<Opening> {
    await this.#page?.close()
    this.#page = await this.#context.newPage()
    this.#metrics = await this.#context.newCDPSession(this.#page)
    await this.#metrics.send('Performance.enable', { timeDomain: 'threadTicks' })
    await this.page.goto(url, { waitUntil: 'commit', timeout: OPENING_MS })
    const isOpen = () => (globalThis as unknown as Told).bench.openMs > 0
    await this.page.waitForFunction(isOpen, undefined, { timeout: OPENING_MS })
    const ms = await this.page.evaluate(() => (globalThis as unknown as Told).bench.openMs)
    const { task } = await this.#work()
    return { ms, busyMs: task }
  }

  /** Puts the caret into a plain paragraph in the middle of the text, `further` blocks below. */
  async goToMiddle(further = 0): Promise<void> {
    await this.text.evaluate(
      (text, n) => {
        const block = text.children[n]
        block?.scrollIntoView({ block: 'center' })
        const words = block && document.createTreeWalker(block, NodeFilter.SHOW_TEXT).nextNode()
        ;(text as HTMLElement).focus({ preventScroll: true })
        if (words) getSelection()?.collapse(words, 5)
      },
      Math.floor(this.#blocks / 2) + 3 + further,
    )
    await sleep(500)
  }

  /** So many keys, or as many as a page paints in the time that a person would wait for it. */
  async type(count: number): Promise<Keys> {
    const end = performance.now() + WINDOW_MS
    const told = () => this.page.evaluate(() => (globalThis as unknown as Told).bench.paints)
    const known = (await told()).length
    const before = await this.#work()
    let pressed = 0
    while (pressed < count && performance.now() < end) {
      const next = sleep(KEY_MS)
      await this.page.keyboard.press('x')
      pressed++
      const isPainted = (n: number) => (globalThis as unknown as Told).bench.paints.length >= n
      await this.page.waitForFunction(isPainted, known + pressed, { timeout: OPENING_MS })
      await next
    }
    const after = await this.#work()
    return {
      paints: (await told()).slice(known),
      busyMs: (after.task - before.task) / pressed,
      scriptMs: (after.script - before.script) / pressed,
    }
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }

  /** Milliseconds that the main thread has worked so far. */
  async #work(): Promise<{ task: number; script: number }> {
    const told = await this.#metrics?.send('Performance.getMetrics')
    const of = (name: string) => 1_000 * (told?.metrics.find((it) => it.name === name)?.value ?? 0)
    return { task: of('TaskDuration'), script: of('ScriptDuration') }
  }
}
