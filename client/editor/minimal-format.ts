/**
 * Keeps the formatting markers of a paragraph where they are. Lexical's V2 binding ends every local
 * edit by setting all attributes of all text nodes of the paragraph again, and Yjs then deletes
 * and makes every marker anew: 71 bytes instead of 13 a keystroke, undo steps that nobody made, and
 * flags that no longer enclose what others append at that moment. Here such a delta (nothing but
 * `retain`) formats only what differs. Knows Yjs, and of Lexical one function: `$updateYText`.
 */

import * as Y from 'yjs'
import { INDEX } from '#shared/document/shape.ts'

type Attributes = Record<string, unknown>
interface Retain {
  retain: number
  attributes?: Attributes
}
/** Characters `at..at+length` are to get the attributes of `change`; null takes one away. */
interface Format {
  at: number
  length: number
  change: Attributes
}

type ApplyDelta = Y.XmlText['applyDelta']
let stock: ApplyDelta | undefined

/** Overrides `Y.XmlText.prototype.applyDelta`. Call once, before the first binding; idempotent. */
export function installMinimalFormat(): void {
  if (stock) return
  const original = Y.XmlText.prototype.applyDelta
  stock = original
  Y.XmlText.prototype.applyDelta = function (this: Y.XmlText, delta: unknown[], ...rest) {
    if (!isRetainOnly(delta)) return original.call(this, delta, ...rest)
    const wanted = withoutNeedlessIndex(delta)
    if (!this.doc) return original.call(this, withoutNulls(wanted), ...rest)
    Y.transact(this.doc, () => {
      for (const { at, length, change } of differences(this, wanted)) {
        this.format(at, length, change)
      }
    })
  } as ApplyDelta
}

/** Puts Yjs's own method back. For tests. */
export function uninstallMinimalFormat(): void {
  if (stock) Y.XmlText.prototype.applyDelta = stock
  stock = undefined
}

const isRetainOnly = (delta: unknown[]): delta is Retain[] =>
  delta.length > 0 && delta.every((part) => (part as Partial<Retain>).retain !== undefined)

/** `i` only has to keep two neighbours apart that are otherwise equal. */
function withoutNeedlessIndex(delta: readonly Retain[]): Required<Retain>[] {
  return delta.map(({ retain, attributes = {} }, n) => {
    const before = n > 0 ? (delta[n - 1]?.attributes ?? {}) : undefined
    const needed = before !== undefined && alike(before, attributes)
    return {
      retain,
      attributes: { ...attributes, [INDEX]: needed ? (attributes[INDEX] ?? null) : null },
    }
  })
}

/** A text that is in no document yet has nothing to take away. */
const withoutNulls = (delta: readonly Required<Retain>[]): Retain[] =>
  delta.map(({ retain, attributes }) => ({
    retain,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null)),
  }))

function differences(text: Y.XmlText, wanted: readonly Required<Retain>[]): Format[] {
  const formats: Format[] = []
  const present = text.toDelta() as { insert: unknown; attributes?: Attributes }[]
  let part = 0
  let offset = 0
  let at = 0
  for (const { retain, attributes } of wanted) {
    let left = retain
    while (left > 0 && part < present.length) {
      const { insert, attributes: now = {} } = present[part]!
      const size = typeof insert === 'string' ? insert.length : 1
      const length = Math.min(left, size - offset)
      const change = changeFrom(now, attributes)
      if (change) extend(formats, { at, length, change })
      at += length
      left -= length
      offset += length
      if (offset === size) {
        part++
        offset = 0
      }
    }
  }
  return formats
}

function changeFrom(now: Attributes, wanted: Attributes): Attributes | undefined {
  const change: Attributes = {}
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(now)])) {
    if (!same(wanted[key], now[key])) change[key] = wanted[key] ?? null
  }
  return Object.keys(change).length > 0 ? change : undefined
}

function extend(formats: Format[], next: Format): void {
  const last = formats.at(-1)
  const continues = last && last.at + last.length === next.at && same(last.change, next.change)
  if (continues) last.length += next.length
  else formats.push(next)
}

function alike(a: Attributes, b: Attributes): boolean {
  return same({ ...a, [INDEX]: null }, { ...b, [INDEX]: null })
}

/** Deep equality of plain values in which absent, undefined and null are one. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || (a == null && b == null)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  const [left, right] = [a as Attributes, b as Attributes]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    same(left[key], right[key]),
  )
}
