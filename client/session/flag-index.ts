/**
 * FlagIndex tells which chunks the document shows as provisional, and their changes. It is kept up
 * to date from what changed, so that a keystroke never costs a walk through the document.
 */
import * as Y from 'yjs'
import { body, FLAG, parseFlag } from '#shared/document/shape.ts'
import { type ChangePart, joinParts, partsOfText, type TypeParts } from './changes/change-parts.ts'

type Held = Map<string, TypeParts>

export class FlagIndex {
  readonly #doc: Y.Doc
  readonly #byType = new Map<Y.XmlText | Y.XmlElement, Held>()
  readonly #onChange: () => void

  constructor(doc: Y.Doc, onChange: () => void) {
    this.#doc = doc
    this.#onChange = onChange
    this.#scan(body(doc))
    body(doc).observeDeep(this.#observe)
  }

  read(): Map<string, ChangePart[]> {
    const holders = new Map<string, [Y.XmlText | Y.XmlElement, TypeParts][]>()
    for (const [type, held] of this.#byType) {
      if (!isAttached(type)) continue
      for (const [chunk, parts] of held) {
        const known = holders.get(chunk)
        if (known) known.push([type, parts])
        else holders.set(chunk, [[type, parts]])
      }
    }
    return new Map([...holders].map(([chunk, all]) => [chunk, joinParts(all)]))
  }

  close(): void {
    body(this.#doc).unobserveDeep(this.#observe)
  }

  readonly #observe = (events: Y.YEvent<Y.XmlElement | Y.XmlText>[]): void => {
    let changed = false
    for (const event of events) {
      const { target } = event
      const before = this.#byType.has(target)
      if (target instanceof Y.XmlText) this.#scanText(target)
      else this.#scanAdded(target, event)
      // A block may have got children with flags: only a text without any is sure to be no news.
      changed ||= !(target instanceof Y.XmlText) || before || this.#byType.has(target)
    }
    for (const type of this.#byType.keys()) {
      if (!isAttached(type)) changed = this.#byType.delete(type)
    }
    if (changed) this.#onChange()
  }

  #scan(element: Y.XmlElement): void {
    this.#scanElement(element)
    for (const child of element.toArray()) this.#scanChild(child)
  }

  /** The element itself and what came into it: a new block in the body is not a reason to read all. */
  #scanAdded(element: Y.XmlElement, event: Y.YEvent<Y.XmlElement | Y.XmlText>): void {
    this.#scanElement(element)
    for (let item = element._start; item; item = item.right) {
      if (item.deleted || !event.adds(item)) continue
      for (const child of item.content.getContent()) this.#scanChild(child)
    }
  }

  #scanChild(child: unknown): void {
    if (child instanceof Y.XmlText) this.#scanText(child)
    else if (child instanceof Y.XmlElement) this.#scan(child)
  }

  /** A flagged block counts also while it is empty: a divider has no text at all. */
  #scanElement(element: Y.XmlElement): void {
    const flag = element._item ? parseFlag(element.getAttribute(FLAG)) : undefined
    if (!flag) {
      this.#byType.delete(element)
      return
    }
    const text = element.nodeName === 'linebreak' ? '\n' : ''
    const parts = [{ op: flag.op, text, apart: false }]
    this.#byType.set(element, new Map([[flag.chunk, { parts, atStart: true, atEnd: true }]]))
  }

  #scanText(text: Y.XmlText): void {
    const held = mayHoldFlags(text) ? partsOfText(text) : undefined
    if (held && held.size > 0) this.#byType.set(text, held)
    else this.#byType.delete(text)
  }
}

/** Most texts of a document hold none, and need not be read whole to know it. */
function mayHoldFlags(text: Y.XmlText): boolean {
  for (let item = text._start; item; item = item.right) {
    if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === FLAG) {
      return true
    }
  }
  return false
}

function isAttached(type: Y.XmlText | Y.XmlElement): boolean {
  let at: Y.XmlText | Y.XmlElement | Y.XmlFragment | null = type
  while (at) {
    if (at._item?.deleted) return false
    at = at.parent as typeof at
  }
  return true
}
