/** Hands performs what people do in their editors, and enters each act in the account. */
import type { Account, Fault } from '#server/testing/history/judging/account.ts'
import { glyphsOf } from '#server/testing/history/judging/glyphs.ts'
import { type Gesture, stepText } from '#server/testing/history/script.ts'
import { copied, type Press, paste, press, pressesOf } from './gestures.ts'
import type { Page } from './page.ts'
import { $charactersBeforeCaret } from './points.ts'

/** What an act in an editor was to do to the characters. */
interface Intent {
  writes: string
  isUndo?: boolean
}

export class Hands {
  /** How many keys were pressed that write a character. */
  typed = 0
  readonly #account: Account
  readonly #faults: Fault[]

  constructor(account: Account, faults: Fault[]) {
    this.#account = account
    this.#faults = faults
  }

  async perform(page: Page, gesture: Gesture): Promise<void> {
    const { editor, text } = page
    if (!editor || !text) return
    switch (gesture.do) {
      case 'undo':
        return this.#act(page, { writes: '', isUndo: true }, () => text.undo.undo())
      case 'redo':
        return this.#act(page, { writes: '', isUndo: true }, () => text.undo.redo())
      case 'paste': {
        const data = { 'text/plain': gesture.lines.join('\n') }
        const writes = gesture.lines.join('')
        return this.#act(page, { writes }, () => paste(editor, gesture.at, data))
      }
      case 'copy': {
        const { content, text: words } = copied(editor, gesture.from, gesture.length)
        if (!content) return
        const data = { 'application/x-lexical-editor': content, 'text/plain': words }
        return this.#act(page, { writes: words }, () => paste(editor, gesture.to, data))
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
    await this.#act(page, { writes: one.writes }, () => {
      taken = press(editor, one)
      return taken + goes
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
  async #act(page: Page, { writes, isUndo = false }: Intent, act: () => unknown): Promise<void> {
    const before = page.glyphs
    this.#account.see(before)
    let takes = ''
    await page.act(() => {
      const taken = act()
      if (typeof taken === 'string') takes = taken
    })
    const after = glyphsOf(page.doc)
    const entry = { who: page.name, before, after, writes, takes, isUndo }
    this.#faults.push(...this.#account.enter(entry))
  }
}
