/** Hands does a history's gestures in Chromium with the keyboard and the mouse of one person. */
import type { CDPSession } from '@playwright/test'
import type { Person } from '#e2e/people.ts'
import type { Gesture } from '#server/testing/history/script.ts'
import { domLines, domPlaces } from './dom-places.ts'

export class Hands {
  readonly person: Person
  /** What the page showed when the last selection was made: the next key takes that. */
  selectedIn: readonly string[] = []
  #devtools: CDPSession | undefined

  constructor(person: Person) {
    this.person = person
  }

  get lines(): Promise<string[]> {
    return this.person.text.evaluate(domLines)
  }

  /** Every character that the page shows, whatever is hidden. */
  async characters(): Promise<string[]> {
    return [...((await this.person.text.textContent()) ?? '')]
  }

  async perform(gesture: Gesture): Promise<void> {
    const { keyboard } = this.person.page
    switch (gesture.do) {
      case 'type':
        await this.#caret(gesture.at)
        return keyboard.type(gesture.text, { delay: 8 })
      case 'compose':
        await this.#caret(gesture.at)
        return this.#compose(gesture.states, gesture.text)
      case 'replace':
        await this.#select(gesture.from, gesture.length)
        return keyboard.type(gesture.text)
      case 'erase':
        await this.#select(gesture.from, gesture.length)
        return keyboard.press('Delete')
      case 'backspace':
      case 'delete':
      case 'enter':
      case 'break':
        await this.#caret(gesture.at)
        return keyboard.press(KEYS[gesture.do])
      case 'join':
        await this.#line(gesture.block, gesture.forward ? 'End' : 'Home')
        return keyboard.press(gesture.forward ? 'Delete' : 'Backspace')
      case 'format':
        await this.#select(gesture.from, gesture.length)
        return keyboard.press(gesture.format === 'bold' ? 'Control+b' : 'Control+i')
      case 'mark':
        await this.#line(gesture.block, 'Home')
        return keyboard.type(gesture.mark, { delay: 8 })
      case 'indent':
      case 'outdent':
        await this.#click(gesture.at)
        return keyboard.press(gesture.do === 'indent' ? 'Tab' : 'Shift+Tab')
      case 'copy':
        await this.#select(gesture.from, gesture.length)
        await keyboard.press('Control+c')
        await this.#click(gesture.to)
        return keyboard.press('Control+v')
      case 'undo':
        return keyboard.press('Control+z')
      case 'redo':
        return keyboard.press('Control+Shift+z')
      default:
        throw new Error(`hands cannot ${gesture.do}`)
    }
  }

  /** As an input method does it, letter by letter. */
  async #compose(states: readonly string[], text: string): Promise<void> {
    const { context, page } = this.person
    this.#devtools ??= await context.newCDPSession(page)
    for (const state of states) {
      const end = state.length
      const composition = { text: state, selectionStart: end, selectionEnd: end }
      await this.#devtools.send('Input.imeSetComposition', composition)
    }
    await this.#devtools.send('Input.insertText', { text })
  }

  /** Who has clicked nowhere yet writes at the beginning. */
  async #caret(at: number | undefined): Promise<void> {
    const isHere = await this.person.text.evaluate((text) => document.activeElement === text)
    if (at !== undefined || !isHere) await this.#click(at ?? 0)
  }

  async #click(at: number): Promise<void> {
    const { places } = await this.person.text.evaluate(domPlaces)
    const place = places[at % Math.max(1, places.length)]
    if (place) await this.person.page.mouse.click(place.x, place.y)
  }

  async #select(from: number, length: number): Promise<void> {
    await this.#click(from)
    for (let n = 0; n < length; n++) await this.person.page.keyboard.press('Shift+ArrowRight')
    this.selectedIn = await this.characters()
  }

  async #line(block: number, key: 'Home' | 'End'): Promise<void> {
    const { begins } = await this.person.text.evaluate(domPlaces)
    await this.#click(begins[block % Math.max(1, begins.length)] ?? 0)
    await this.person.page.keyboard.press(key)
  }
}

const KEYS = { backspace: 'Backspace', delete: 'Delete', enter: 'Enter', break: 'Shift+Enter' }
