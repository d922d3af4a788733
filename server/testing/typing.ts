/** What people do in an editor, at random. Each character that is typed is one of its kind. */
import * as L from 'lexical'
import { $flag, type Person } from './editors.ts'
import type { Random } from './random.ts'

/** Hands out characters that occur nowhere else, from a part of Unicode of its own. */
export class Alphabet {
  readonly first: number
  readonly last: number
  #next: number

  constructor(first: number, last: number) {
    this.first = first
    this.last = last
    this.#next = first
  }

  take(count = 1): string {
    let text = ''
    for (let n = 0; n < count; n++) {
      if (this.#next > this.last) throw new Error('this alphabet is used up')
      text += String.fromCharCode(this.#next++)
    }
    return text
  }

  has(character: string): boolean {
    const code = character.charCodeAt(0)
    return code >= this.first && code <= this.last
  }
}

export type Action = (person: Person, random: Random, alphabet: Alphabet) => void

export const type: Action = (person, random, alphabet) =>
  person.edit(() => {
    const text = $anyText(random)
    if (text) {
      const at = random.below(text.getTextContentSize() + 1)
      text.select(at, at)
    } else {
      const block = L.$getRoot().getFirstChild()
      if (!L.$isElementNode(block)) return
      block.select()
    }
    L.$getSelection()?.insertText(alphabet.take())
  })

/** Right before or behind provisional text, where it matters whose it becomes. */
export const typeAtFlagEdge: Action = (person, random, alphabet) =>
  person.edit(() => {
    const texts = $texts().filter((text) => $flag(text) !== null)
    if (texts.length === 0) return
    const text = random.pick(texts)
    const at = random.chance(0.5) ? 0 : text.getTextContentSize()
    text.select(at, at).insertText(alphabet.take())
  })

export const erase: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text) return
    const size = text.getTextContentSize()
    const from = random.below(size)
    text.select(from, Math.min(size, from + 1 + random.below(4))).removeText()
  })

/** Across the border of two neighbours of one block. */
export const eraseAcross: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    const next = text?.getNextSibling()
    if (text && L.$isTextNode(next)) $select(text, -2, next, 2).removeText()
  })

export const bold: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text) return
    const size = text.getTextContentSize()
    const from = random.below(size)
    const format = random.chance(0.5) ? 'bold' : 'italic'
    text.select(from, Math.min(size, from + 1 + random.below(5))).formatText(format)
  })

export const enter: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text) return
    const at = random.below(text.getTextContentSize() + 1)
    text.select(at, at).insertParagraph()
  })

/** Backspace at the start of a paragraph. */
export const merge: Action = (person, random) =>
  person.edit(() => {
    const blocks = L.$getRoot().getChildren().filter(L.$isParagraphNode)
    if (blocks.length < 2) return
    const second = blocks[1 + random.below(blocks.length - 1)]!
    const first = second.getPreviousSibling()
    if (!L.$isParagraphNode(first)) return
    first.append(...second.getChildren())
    second.remove()
  })

export const undo: Action = (person) => person.undo()
export const redo: Action = (person) => person.redo()

const $texts = () => L.$getRoot().getAllTextNodes()

function $anyText(random: Random): L.TextNode | undefined {
  const texts = $texts()
  return texts.length > 0 ? random.pick(texts) : undefined
}

function $select(first: L.TextNode, from: number, last: L.TextNode, to: number) {
  const selection = L.$createRangeSelection()
  const start = Math.max(0, first.getTextContentSize() + from)
  selection.anchor.set(first.getKey(), start, 'text')
  selection.focus.set(last.getKey(), Math.min(to, last.getTextContentSize()), 'text')
  L.$setSelection(selection)
  return selection
}
