/**
 * Links and line breaks: elements that stand between the texts of a line. What is behind the pen
 * cannot be moved behind such an element, so within a line of people's there is none before their
 * text: a link is then its words, a break a space. A line of the run's own goes on behind.
 */

import * as Y from 'yjs'
import { safeUrl } from '#shared/document/links.ts'
import { formatFlag } from '#shared/document/shape.ts'
import { setFlag } from './items.ts'
import { element } from './new-blocks.ts'
import type { Pen } from './pen.ts'
import type { StoredChunk } from './types.ts'

export class InlineElements {
  readonly #pen: Pen
  readonly #client: number
  /** The link under way, and the URL it has. */
  #link: { element: Y.XmlElement; url: string } | undefined

  constructor(pen: Pen, client: number) {
    this.#pen = pen
    this.#client = client
  }

  /** What follows is a chunk of its own, and so is its link. */
  endChunk(): void {
    this.#link = undefined
  }

  /** Puts a break where the pen stands and the pen behind it; false where there can be none. */
  breakLine(chunk: StoredChunk): boolean {
    if (!this.#mayBranch()) return false
    this.#branch(element('linebreak', {}), chunk)
    return true
  }

  /**
   * Enters or leaves a link, where `url` differs from that of the link under way. True if the pen
   * stands elsewhere now.
   */
  follow(url: string | undefined, chunk: StoredChunk): boolean {
    const holder = this.#pen.holder
    const inside = holder?.nodeName === 'link' ? holder : undefined
    if (this.#link && this.#link.element !== inside) this.#link = undefined
    if (inside && this.#urlOf(inside) === url) return false
    const left = inside !== undefined && this.#leave(inside)
    const safe = url === undefined ? undefined : safeUrl(url)
    if (url === undefined || safe === undefined || !this.#mayBranch()) return left
    const link = element('link', { __url: safe })
    this.#branch(link, chunk)
    const text = new Y.XmlText()
    link.insert(0, [text])
    this.#pen.standIn(text, 0)
    this.#link = { element: link, url }
    return true
  }

  /** Of a link of people's nothing but what they gave it. */
  #urlOf(link: Y.XmlElement): unknown {
    return this.#link ? this.#link.url : link.getAttribute('__url')
  }

  /** From within people's words there is no way out that would not move them. */
  #leave(link: Y.XmlElement): boolean {
    const isOwn = this.#link !== undefined
    const spot = this.#pen.spot()
    const { parent } = link
    if (!(parent instanceof Y.XmlElement)) return false
    if (isOwn || spot?.index === spot?.text.length) {
      this.#link = undefined
      const next = link.nextSibling
      const text = next instanceof Y.XmlText ? next : new Y.XmlText()
      if (text !== next) parent.insertAfter(link, [text])
      this.#pen.standIn(text, 0)
      return true
    }
    if (spot?.index !== 0 || spot.text.prevSibling) return false
    const before = link.prevSibling
    const text = before instanceof Y.XmlText ? before : new Y.XmlText()
    if (text !== before) parent.insertAfter(before, [text])
    this.#pen.standIn(text, text.length)
    return true
  }

  #mayBranch(): boolean {
    const spot = this.#pen.spot()
    const { parent } = spot?.text ?? {}
    if (!spot || !(parent instanceof Y.XmlElement) || parent.nodeName === 'link') return false
    return spot.index === spot.text.length || parent._item?.id.client === this.#client
  }

  #branch(added: Y.XmlElement, chunk: StoredChunk): void {
    const text = this.#pen.spot()?.text
    if (!text || !(text.parent instanceof Y.XmlElement)) return
    const rest = new Y.XmlText()
    text.parent.insertAfter(text, [added, rest])
    setFlag(added, formatFlag({ op: 'ins', chunk: chunk.id }))
    this.#pen.standIn(rest, 0)
  }
}
