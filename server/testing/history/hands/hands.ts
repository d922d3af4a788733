/** Hands performs what people do in their editors, and enters each act in the account. */
import type { Account, Act, Fault } from '#server/testing/history/judging/account.ts'
import { glyphsOf } from '#server/testing/history/judging/glyphs.ts'
import { type Gesture, stepText } from '#server/testing/history/script.ts'
import { copied, type Press, paste, press, pressesOf, type Selected } from './gestures.ts'
import type { Page } from './page.ts'
import { $charactersBeforeCaret } from './points.ts'

/** What an act in an editor was to do to the characters. */
interface Intent {
  writes: string
  /** What becomes something else in a step of its own. */
  goes?: string
  isUndo?: boolean
}

export class Hands {
  /** How many keys were pressed that write a character. */
  typed = 0
  readonly #account: Account
  readonly #faults: Fault[]
  /** What each person has cut. */
  readonly #cut = new Map<Page, ReturnType<typeof copied>>()

  constructor(account: Account, faults: Fault[]) {
    this.#account = account
    this.#faults = faults
  }

  async perform(page: Page, gesture: Gesture): Promise<void> {
    const { editor, text } = page
    if (!editor || !text) return
    switch (gesture.do) {
      case 'undo':
        return this.#act(page, { writes: '', isUndo: true }, () => void text.undo.undo())
      case 'redo':
        return this.#act(page, { writes: '', isUndo: true }, () => void text.undo.redo())
      case 'paste': {
        const data = { 'text/plain': gesture.lines.join('\n') }
        const writes = gesture.lines.join('')
        return this.#act(page, { writes }, () => void paste(editor, gesture.at, data))
      }
      case 'copy': {
        const { content, text: words } = copied(editor, gesture.from, gesture.length)
        if (!content) return
        const data = { 'application/x-lexical-editor': content, 'text/plain': words }
        return this.#act(page, { writes: words }, () => void paste(editor, gesture.to, data))
      }
      case 'cut': {
        const { from, length } = gesture
        this.#cut.set(page, copied(editor, from, length))
        return this.perform(page, { do: 'erase', from, length })
      }
      case 'paste-cut': {
        const { content, text: words } = this.#cut.get(page) ?? { content: null, text: '' }
        if (!content) return
        const data = { 'application/x-lexical-editor': content, 'text/plain': words }
        const writes = words.replaceAll('\n', '')
        return this.#act(page, { writes }, () => void paste(editor, undefined, data))
      }
      default:
        for (const one of pressesOf(gesture)) await this.#press(page, gesture, one)
    }
  }

  async #press(page: Page, gesture: Gesture, one: Press): Promise<void> {
    const { editor } = page
    if (!editor) return
    // A mark of markdown goes away in what it makes.
    const goes = gesture.do === 'mark' ? gesture.mark : ''
    let taken = ''
    await this.#act(page, { writes: one.writes, goes }, () => {
      const selected = press(editor, one)
      taken = selected.text
      return selected
    })
    // Who writes over a letter with the same letter has changed nothing.
    if (gesture.do !== 'type' || one.writes === '' || taken.includes(one.writes)) return
    this.typed++
    const place = editor.getEditorState().read($charactersBeforeCaret)
    const glyph = place === undefined ? undefined : page.glyphs[place - 1]
    if (glyph && this.#account.markOf(glyph)?.writer !== page.name) {
      const what = `${page.name} typed ${stepText({ who: 0, ...gesture })}`
      this.#faults.push({ kind: 'identity', what })
    }
  }

  /** `act` gives what was selected, where it took that away. */
  async #act(page: Page, intent: Intent, act: () => Selected | undefined): Promise<void> {
    const { writes, goes = '', isUndo = false } = intent
    const before = page.glyphs
    this.#account.see(before)
    let [takes, selected]: [string, ReadonlySet<string>] = ['', new Set()]
    const steps = await page.stepsOf(() => {
      const taken = act()
      if (!taken) return
      takes = taken.text
      selected = new Set(taken.characters.flatMap((n) => before[n]?.id ?? []))
    })
    const [written, after] = [steps[0], glyphsOf(page.doc)]
    // The space of "# " is written in one step, and goes in another that makes the heading. Taken for
    // one step, an equal space of the line was the typed one, and its own one was gone.
    const isTwo = goes !== '' && steps.length > 1 && written !== undefined
    if (isTwo) this.#enter({ who: page.name, before, after: written, writes, takes, isUndo })
    const rest = isTwo
      ? { before: written, after, writes: '', takes: goes }
      : { before, after, writes, takes: takes + goes, selected }
    this.#enter({ who: page.name, ...rest, isUndo })
  }

  #enter(act: Act): void {
    this.#faults.push(...this.#account.enter(act))
  }
}
