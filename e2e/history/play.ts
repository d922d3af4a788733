/** Plays a history in Chromium: each person a page of their own, and tells what broke. */
import type { Person, Studio } from '#e2e/people.ts'
import { NAMES, type Script, type Step } from '#server/testing/history/script.ts'
import { Hands } from './hands.ts'

export interface Fault {
  kind: 'threw' | 'frozen' | 'apart' | 'lost' | 'doubled' | 'server differs' | 'without differs'
  what: string
}

const CALM_MS = 650
/** Generous, as a machine may be crowded: whoever waits in vain waits only once. */
const PATIENCE_MS = 45_000
const TOKEN_MS = 12

/** What is typed once and is there twice, or not at all, though nobody took it away. */
class Letters {
  readonly #typed = new Set<string>()
  readonly #taken = new Set<string>()
  readonly #copied = new Set<string>()

  type(text: string): void {
    for (const letter of text) if (letter.trim() !== '') this.#typed.add(letter)
  }

  /** Two of what is copied are right. */
  copy(letters: readonly string[]): void {
    for (const letter of letters) this.#copied.add(letter)
  }

  /** What a page no longer shows after its own person's act. */
  take(before: readonly string[], after: readonly string[]): void {
    for (const letter of before) if (!after.includes(letter)) this.#taken.add(letter)
  }

  faults(shown: readonly string[]): Fault[] {
    return [...this.#typed].flatMap((letter): Fault[] => {
      const count = shown.filter((one) => one === letter).length
      if (count === 0 && !this.#taken.has(letter)) return [{ kind: 'lost', what: letter }]
      if (count > 1 && !this.#copied.has(letter)) return [{ kind: 'doubled', what: letter }]
      return []
    })
  }
}

/** The pages of a history, from the opening of the document to the end of all checks. */
export class BrowserHistory {
  readonly faults: Fault[] = []
  readonly #studio: Studio
  readonly #script: Script
  readonly #hands: Hands[] = []
  readonly #letters = new Letters()

  constructor(studio: Studio, script: Script) {
    this.#studio = studio
    this.#script = script
  }

  /** What the first page shows, line by line. */
  get lines(): Promise<string[]> {
    return this.#hands[0]!.lines
  }

  async play(): Promise<void> {
    const { people, markdown, steps, calm } = this.#script
    for (let who = 0; who < people; who++) {
      const person = await this.#studio.person(NAMES[who]!, { markdown })
      const { page } = person
      page.on('pageerror', (error) => this.#fault('threw', `${person.name}: ${error.stack}`))
      await person.mayWrite()
      this.#hands.push(new Hands(person))
    }
    for (const step of steps) {
      await this.#step(step)
      if (calm) await this.#quiet()
      if (this.faults.length > 0) return
    }
    await this.#end()
  }

  #fault(kind: Fault['kind'], what: string): void {
    this.faults.push({ kind, what })
  }

  async #step(step: Step): Promise<void> {
    if (!('who' in step)) return step.do === 'quiet' ? this.#quiet() : undefined
    const hands = this.#hands[step.who]
    if (!hands) return
    const { person } = hands
    switch (step.do) {
      case 'offline':
      case 'online':
        return person.context.setOffline(step.do === 'offline')
      case 'reload':
        await person.context.setOffline(false)
        await this.#saved(person)
        await person.page.reload()
        return person.mayWrite()
      case 'ask':
        this.#studio.model.script({ text: step.words, delay: TOKEN_MS })
        await hands.perform({ do: 'type', text: '', at: step.from })
        await person.ask('Continue writing')
        return
      case 'decide':
        return this.#decide(person, step.chunk, step.decision)
      case 'carry':
      case 'stop':
      case 'continue':
      case 'decide-all':
      case 'reopen':
        return
    }
    const before = await hands.characters()
    if (step.do === 'type' || step.do === 'replace') this.#letters.type(step.text)
    if (step.do === 'compose') this.#letters.type(step.text)
    if (step.do === 'copy') this.#letters.copy(before)
    await hands.perform(step)
    if (!TAKES.has(step.do)) return
    // Letters of others may come between the look and the selection, and be selected with it.
    const seen = SELECTS.has(step.do) ? [...before, ...hands.selectedIn] : before
    this.#letters.take(seen, await hands.characters())
  }

  async #decide(person: Person, nth: number, decision: 'accepted' | 'rejected'): Promise<void> {
    const name = decision === 'accepted' ? /^Accept: / : /^Reject: /
    const buttons = await person.page.getByRole('button', { name }).all()
    const button = buttons[nth % Math.max(1, buttons.length)]
    const hands = this.#hands.find((one) => one.person === person)!
    const before = await hands.characters()
    // Somebody else may have decided it just now: then there is nothing to press.
    await button?.click({ timeout: 1_000 }).catch(() => undefined)
    await this.#pause(100)
    this.#letters.take(before, await hands.characters())
  }

  async #end(): Promise<void> {
    await this.#quiet()
    if (this.faults.length > 0) return
    const [first] = this.#hands
    if (!first) return
    this.faults.push(...this.#letters.faults(await first.characters()))
    const { person } = first
    const shown = async () => sorted(letterText(await first.characters()))
    const kept = async () =>
      sorted(
        letterText([...(await person.content('inline'))].filter((one) => !'{}+-'.includes(one))),
      )
    await this.#comeToAgree('server differs', shown, kept)
    const without = letterText([...(await person.content('without'))])
    for (let all = person.page.getByRole('button', { name: 'Reject all' }); await all.count(); ) {
      await all.first().click()
      await this.#quiet()
    }
    const left = async () => letterText([...(await person.content('without'))])
    await this.#comeToAgree('without differs', left, async () => without)
    const seen = async () => letterText(await first.characters())
    await this.#comeToAgree('server differs', seen, async () => (await left()).replace(MARKERS, ''))
  }

  /** A page may be behind the server for a moment; what is wrong stays wrong. */
  async #comeToAgree(
    kind: Fault['kind'],
    one: () => Promise<string>,
    other: () => Promise<string>,
  ): Promise<void> {
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      const [is, should] = [await one(), await other()]
      if (is === should) return
      if (Date.now() > until) return this.#fault(kind, `${is} | ${should}`)
      await this.#pause(120)
    }
  }

  async #saved({ saved }: Person): Promise<void> {
    await saved.waitFor({ timeout: PATIENCE_MS }).catch(() => undefined)
  }

  /** Everybody online and saved, and all pages the same for a while. */
  async #quiet(): Promise<void> {
    const people = this.#hands.map(({ person }) => person)
    for (const { context } of people) await context.setOffline(false)
    const until = Date.now() + PATIENCE_MS
    let last = ''
    let since = Date.now()
    while (Date.now() < until) {
      await this.#pause(120)
      const all = await Promise.all(this.#hands.map(({ lines }) => lines))
      const shown = all.map((lines) => lines.join('\n'))
      const isSaved = await Promise.all(people.map(({ saved }) => saved.isVisible()))
      const isOne = shown.every((one) => one === shown[0]) && isSaved.every(Boolean)
      if (!isOne || shown[0] !== last) since = Date.now()
      last = shown[0] ?? ''
      if (isOne && Date.now() - since >= CALM_MS && (await this.#nobodyWrites())) return
      for (const { page, name } of people) {
        if (await page.getByText('A change could not be shown here.').isVisible()) {
          return this.#fault('frozen', name)
        }
      }
    }
    const shown = await Promise.all(this.#hands.map(({ lines }) => lines))
    this.#fault('apart', shown.map((lines) => `\n${lines.join('\n')}`).join('\n—'))
  }

  async #nobodyWrites(): Promise<boolean> {
    return this.#studio.model.requests.every(({ closedBy }) => closedBy !== undefined)
  }

  #pause(ms: number): Promise<void> {
    return this.#hands[0]!.person.page.waitForTimeout(ms)
  }
}

const TAKES: ReadonlySet<string> = new Set([
  'replace',
  'erase',
  'backspace',
  'delete',
  'undo',
  'redo',
])
const SELECTS: ReadonlySet<string> = new Set(['replace', 'erase'])
/** What an export puts before items and quotes. */
const MARKERS = /^(\d+\.|[-•>])/
const letterText = (characters: readonly string[]): string =>
  characters.filter((one) => /\p{L}/u.test(one) || /\d/.test(one)).join('')
const sorted = (text: string): string => [...text].toSorted().join('')
