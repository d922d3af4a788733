/**
 * Pen marks where a run's text grows. It is glued to the last character it wrote, by id: it stays there
 * while people type before and behind it, follows a copy when Enter or a merge makes one, and
 * knows when its place is gone. It finds places; what to write there is RunText's business.
 */

import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import { inRanges, isGone, topBlock } from './items.ts'
import { livingEnd } from './living-end.ts'
import { elementOf, type Place, resolve } from './place.ts'
import type { StoredChunk } from './types.ts'

export interface Spot {
  text: Y.XmlText
  index: number
}

type Standing =
  /** In a line, behind the item that `anchor` names, or at the start of its text. */
  | { kind: 'line'; anchor: Y.RelativePosition; text: Y.XmlText }
  /** Behind a block; at the very beginning where there is none. */
  | { kind: 'between'; block: Y.XmlElement | undefined }
  | { kind: 'nowhere' }

export class Pen {
  readonly #book: ChunkBook
  readonly #suggestion: string
  readonly #place: Place
  #standing: Standing | undefined

  constructor(book: ChunkBook, suggestion: string, place: Place) {
    this.#book = book
    this.#suggestion = suggestion
    this.#place = place
  }

  get #doc(): Y.Doc {
    return this.#book.doc
  }

  /** The place is gone, or everything that was written there. An edit has no place of its own. */
  get isLost(): boolean {
    if (!this.#standing) return this.#resolvePlace(false) === undefined
    if (this.#place.kind === 'edit') return false
    return this.#standing.kind === 'line' ? this.spot() === undefined : this.topBlock() === null
  }

  /** Goes to the run's place; once, in the transaction of the first write. */
  start(): void {
    this.#standing ??= this.#resolvePlace(true)
  }

  standIn(text: Y.XmlText, index: number): void {
    const anchor = Y.createRelativePositionFromTypeIndex(text, index, -1)
    this.#standing = { kind: 'line', anchor, text }
  }

  standBehind(block: Y.XmlElement): void {
    this.#standing = { kind: 'between', block }
  }

  get isInLine(): boolean {
    return this.#standing?.kind === 'line'
  }

  get isNowhere(): boolean {
    return this.#standing?.kind === 'nowhere'
  }

  /** The block, list item or link that directly holds the line. */
  get holder(): Y.XmlElement | undefined {
    const text = this.spot()?.text
    return text?.parent instanceof Y.XmlElement ? text.parent : undefined
  }

  /** The list item that the pen stands in, or right behind. */
  get listItem(): Y.XmlElement | undefined {
    const standing = this.#standing
    const isBehind = standing?.kind === 'between' && standing.block && !isGone(standing.block)
    let at: unknown = isBehind ? standing.block : this.holder
    while (at instanceof Y.XmlElement && at.nodeName !== 'listitem') at = at.parent
    return at instanceof Y.XmlElement ? at : undefined
  }

  /** The top-level block to go on after; null where it is gone, undefined for the beginning. */
  topBlock(): Y.XmlElement | null | undefined {
    const standing = this.#standing
    if (standing?.kind === 'line') {
      const text = this.spot()?.text
      return (text && topBlock(this.#doc, text)) ?? null
    }
    if (standing?.kind !== 'between') return null
    if (!standing.block || !isGone(standing.block)) {
      return standing.block && (topBlock(this.#doc, standing.block) ?? null)
    }
    const last = livingEnd(this.#book, this.#chunks())
    return (last && topBlock(this.#doc, last.text)) ?? null
  }

  /** Where the next character goes; undefined where the place is gone. */
  spot(): Spot | undefined {
    if (this.#standing?.kind !== 'line') return undefined
    const { anchor, text } = this.#standing
    const item = anchor.item && Y.getItem(this.#doc.store, anchor.item)
    const lives = item ? item instanceof Y.Item && !item.deleted : !isGone(text)
    if (lives) return this.#at(anchor)
    // Behind people's text: no copy of the run's own text says anything about where that was.
    if (this.#place.kind === 'edit' && !this.#isOwn(anchor)) {
      return isGone(text) ? undefined : this.#at(anchor)
    }
    const copied = livingEnd(this.#book, this.#chunks().slice(-1))
    if (copied) {
      this.standIn(copied.text, copied.index)
      return copied
    }
    const nothingYet = this.#place.kind === 'edit' || this.#chunks().length === 0
    const mayStay = nothingYet || this.hasLivingText
    if (mayStay && !isGone(text)) return this.#at(anchor)
    return undefined
  }

  /** The caret for awareness: in a line without characters that is the block's end. */
  caret(): Y.RelativePosition | undefined {
    const spot = this.spot()
    if (!spot) return undefined
    const { text, index } = spot
    const { parent } = text
    return text.length === 0 && parent instanceof Y.XmlElement
      ? Y.createRelativePositionFromTypeIndex(parent, parent.length, 0)
      : Y.createRelativePositionFromTypeIndex(text, index, 0)
  }

  /** Any character of the run that nobody deleted and nobody rejected. */
  get hasLivingText(): boolean {
    return this.#chunks().some((chunk) => this.#book.hasText(chunk))
  }

  #isOwn({ item }: Y.RelativePosition): boolean {
    return this.#chunks().some(({ ins }) => item && inRanges(ins, item.client, item.clock))
  }

  #at(anchor: Y.RelativePosition): Spot | undefined {
    const at = Y.createAbsolutePositionFromRelativePosition(anchor, this.#doc)
    return at?.type instanceof Y.XmlText && !isGone(at.type)
      ? { text: at.type, index: at.index }
      : undefined
  }

  #chunks(): StoredChunk[] {
    return this.#book.of(this.#suggestion)
  }

  /** Undefined where the place is gone. `write` allows to make the text that an empty line lacks. */
  #resolvePlace(write: boolean): Standing | undefined {
    const place = this.#place
    const root = body(this.#doc)
    switch (place.kind) {
      case 'edit':
        return { kind: 'nowhere' }
      case 'after-block': {
        const element = elementOf(this.#doc, place.block)
        const block = element && topBlock(this.#doc, element)
        return block && { kind: 'between', block }
      }
      case 'end': {
        const last = root.length > 0 ? root.get(root.length - 1) : undefined
        if (!(last instanceof Y.XmlElement)) return { kind: 'between', block: undefined }
        return isEmptyParagraph(last)
          ? this.#inElement(last, last.length, write)
          : { kind: 'between', block: last }
      }
      case 'inline': {
        const at = resolve(this.#doc, place.position)
        if (!at) return undefined
        if (at.type instanceof Y.XmlText) return inText(at.type, at.index)
        if (at.type !== root) return this.#inElement(at.type, at.index, write)
        const before = at.index > 0 ? root.get(at.index - 1) : undefined
        return { kind: 'between', block: before instanceof Y.XmlElement ? before : undefined }
      }
    }
  }

  /** In a line among its texts and breaks: two texts must never touch. */
  #inElement(element: Y.XmlElement, index: number, write: boolean): Standing {
    if (element.nodeName === 'list' || element.nodeName === 'horizontalrule') {
      return { kind: 'between', block: element }
    }
    const before = index > 0 ? element.get(index - 1) : undefined
    if (before instanceof Y.XmlText) return inText(before, before.length)
    const after = index < element.length ? element.get(index) : undefined
    if (after instanceof Y.XmlText) return inText(after, 0)
    if (!write) return { kind: 'nowhere' }
    const text = new Y.XmlText()
    element.insert(index, [text])
    return inText(text, 0)
  }
}

const inText = (text: Y.XmlText, index: number): Standing => ({
  kind: 'line',
  anchor: Y.createRelativePositionFromTypeIndex(text, index, -1),
  text,
})

export const isEmptyParagraph = (element: Y.XmlElement): boolean =>
  element.nodeName === 'paragraph' &&
  element.toArray().every((child) => child instanceof Y.XmlText && child.length === 0)
