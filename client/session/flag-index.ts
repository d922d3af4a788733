/**
 * Which chunks the document shows as provisional, and their text. Kept up to date from what
 * changed, so that a keystroke never costs a walk through the document.
 */
import * as Y from 'yjs'
import { body, FLAG, parseFlag } from '#shared/document/shape.ts'

export interface FlaggedText {
  inserted: string
  deleted: string
}

type Flagged = Map<string, FlaggedText>

export class FlagIndex {
  readonly #doc: Y.Doc
  readonly #byType = new Map<Y.XmlText | Y.XmlElement, Flagged>()
  readonly #onChange: () => void

  constructor(doc: Y.Doc, onChange: () => void) {
    this.#doc = doc
    this.#onChange = onChange
    this.#scan(body(doc))
    body(doc).observeDeep(this.#observe)
  }

  /** Chunks in the order of the document's texts as they were first seen. */
  read(): Flagged {
    const all: Flagged = new Map()
    for (const [type, flagged] of this.#byType) {
      if (!isAttached(type)) continue
      for (const [chunk, { inserted, deleted }] of flagged) {
        const known = all.get(chunk)
        all.set(chunk, {
          inserted: (known?.inserted ?? '') + inserted,
          deleted: (known?.deleted ?? '') + deleted,
        })
      }
    }
    return all
  }

  close(): void {
    body(this.#doc).unobserveDeep(this.#observe)
  }

  readonly #observe = (events: Y.YEvent<Y.XmlElement | Y.XmlText>[]): void => {
    let changed = false
    for (const { target } of events) {
      const before = this.#byType.has(target)
      if (target instanceof Y.XmlText) this.#scanText(target)
      else this.#scan(target)
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
    for (const child of element.toArray()) {
      if (child instanceof Y.XmlText) this.#scanText(child)
      else if (child instanceof Y.XmlElement) this.#scan(child)
    }
  }

  /** A flagged block counts also while it is empty: a divider has no text at all. */
  #scanElement(element: Y.XmlElement): void {
    const flag = element._item ? parseFlag(element.getAttribute(FLAG)) : undefined
    if (flag) this.#byType.set(element, new Map([[flag.chunk, { inserted: '', deleted: '' }]]))
    else this.#byType.delete(element)
  }

  #scanText(text: Y.XmlText): void {
    const flagged: Flagged = new Map()
    for (const { insert, attributes } of text.toDelta() as Y.YTextEvent['delta']) {
      const flag = parseFlag((attributes as Record<string, unknown> | undefined)?.[FLAG])
      if (!flag || typeof insert !== 'string') continue
      const entry = flagged.get(flag.chunk) ?? { inserted: '', deleted: '' }
      if (flag.op === 'ins') entry.inserted += insert
      else entry.deleted += insert
      flagged.set(flag.chunk, entry)
    }
    if (flagged.size > 0) this.#byType.set(text, flagged)
    else this.#byType.delete(text)
  }
}

function isAttached(type: Y.XmlText | Y.XmlElement): boolean {
  let at: Y.XmlText | Y.XmlElement | Y.XmlFragment | null = type
  while (at) {
    if (at._item?.deleted) return false
    at = at.parent as typeof at
  }
  return true
}
