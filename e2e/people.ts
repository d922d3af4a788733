/** People at work on one document: each a browser context of their own against a real server. */
import {
  type Browser,
  type BrowserContext,
  expect,
  type Locator,
  type Page,
} from '@playwright/test'
import { Cluster } from './cluster/cluster.ts'
import { GlossProcess } from './gloss-process.ts'
import type { ModelServer } from './model-server/model-server.ts'
import type { Topology } from './topology.ts'
import type { Workplace } from './workplace.ts'

/** One document at a workplace, and the people who work on it. */
export class Studio {
  readonly gloss: Topology
  readonly model: ModelServer
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []
  #document: string | undefined

  constructor(browser: Browser, { gloss, model }: Workplace) {
    this.#browser = browser
    this.gloss = gloss
    this.model = model
  }

  async adaAndBen(markdown?: string): Promise<[Person, Person]> {
    return [await this.person('Ada', { markdown }), await this.person('Ben')]
  }

  /** Opens the document that the first person made, or makes it. */
  async person(
    name: string,
    options: { markdown?: string | undefined; link?: 'edit' | 'view'; url?: string } = {},
  ): Promise<Person> {
    const { markdown = 'Once upon a time.', link = 'edit', url = this.gloss.url } = options
    const context = await this.#browser.newContext({
      baseURL: url,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
    })
    this.#contexts.push(context)
    const headers = { origin: url }
    await context.request.post('/api/session', { headers })
    await context.request.patch('/api/session', { headers, data: { name } })
    if (this.#document === undefined) {
      const made = await context.request.post('/api/documents', {
        headers,
        data: { title: 'Our plan', markdown },
      })
      const { id } = (await made.json()) as { id: string }
      await context.request.patch(`/api/documents/${id}`, { headers, data: { linkRole: link } })
      this.#document = id
    }
    const person = new Person(name, context, await context.newPage(), this.#document)
    await person.open()
    return person
  }

  get document(): string {
    return this.#document ?? ''
  }

  /** Throws where the people are at work with a cluster. */
  get alone(): GlossProcess {
    if (!(this.gloss instanceof GlossProcess)) throw new Error('this story needs one Gloss alone')
    return this.gloss
  }

  /** Throws where the people are at work with one Gloss alone. */
  get cluster(): Cluster {
    if (!(this.gloss instanceof Cluster)) throw new Error('this story needs the cluster')
    return this.gloss
  }

  /** Everybody leaves. */
  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
  }
}

export class Person {
  readonly name: string
  readonly context: BrowserContext
  readonly page: Page
  readonly #document: string

  constructor(name: string, context: BrowserContext, page: Page, document: string) {
    this.name = name
    this.context = context
    this.page = page
    this.#document = document
  }

  async open(): Promise<void> {
    await this.page.goto(`/d/${this.#document}`)
    await expect(this.text).toBeVisible()
    // Until it is known who one is here, nothing can be typed.
    await expect(this.saved).toBeVisible()
  }

  async mayWrite(): Promise<void> {
    await expect(this.text).toHaveAttribute('contenteditable', 'true')
  }

  get text(): Locator {
    return this.page.getByRole('textbox', { name: 'Document text' })
  }
  get saved(): Locator {
    return this.page.getByRole('status').filter({ hasText: 'Saved' }).first()
  }
  get provisional(): Locator {
    return this.text.locator('.prov-ins')
  }
  get cards(): Locator {
    return this.page.getByRole('article')
  }

  /** Types at the end of the document, as hands do, once that may be written in. */
  async typeAtEnd(words: string): Promise<void> {
    await this.mayWrite()
    await this.text.click()
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.type(words)
  }

  async askForAll(what: string): Promise<void> {
    await this.mayWrite()
    await this.text.click()
    await this.page.keyboard.press('Control+a')
    await this.ask(what)
  }

  async ask(what: string): Promise<void> {
    const field = this.page.getByRole('combobox', { name: 'Ask the co-pilot' })
    await expect(field).toBeVisible()
    await this.page.keyboard.press('Control+j')
    await expect(field).toBeFocused()
    await field.fill(what)
    await this.page.keyboard.press('Enter')
  }

  /** The content as the server has it. */
  async content(view: 'without' | 'inline' | 'accepted' = 'without'): Promise<string> {
    const response = await this.context.request.get(
      `/api/documents/${this.#document}/content?format=text&suggestions=${view}`,
    )
    return (await response.text()).trim()
  }

  async accept(text: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name: named('Accept', text) }).click()
  }
  async reject(text: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name: named('Reject', text) }).click()
  }
}

function named(verb: string, text: string | RegExp): RegExp {
  const inner = text instanceof RegExp ? text.source : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${verb}: .*${inner}`)
}
