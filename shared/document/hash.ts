/**
 * A fingerprint of what a document shows, the same in browser and server. Two copies with equal
 * state vectors that have different ones have gone apart.
 */
import { ContentFormat, ContentString, type Doc, XmlElement, XmlText } from 'yjs'
import { body } from './shape.ts'

/** Fourteen hex digits over the blocks' names, attributes, text and formats; nothing secret. */
export function documentHash(doc: Doc): string {
  const hash = new Hash()
  addElement(hash, body(doc))
  return hash.digest()
}

function addElement(hash: Hash, element: XmlElement): void {
  hash.add(`<${element.nodeName}`)
  hash.add(sortedJson(element.getAttributes()))
  for (const child of element.toArray()) {
    if (child instanceof XmlText) addText(hash, child)
    else if (child instanceof XmlElement) addElement(hash, child)
  }
  hash.add('>')
}

/** Characters and the formats in force, however Yjs happens to have cut them into items. */
function addText(hash: Hash, text: XmlText): void {
  const formats: Record<string, unknown> = {}
  let before = '{}'
  hash.add('"')
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof ContentFormat) {
      const { key, value } = item.content as { key: string; value: unknown }
      if (value === null) delete formats[key]
      else formats[key] = value
    } else if (item.content instanceof ContentString) {
      const now = sortedJson(formats)
      if (now !== before) hash.add(now)
      before = now
      hash.add(item.content.str)
    }
  }
  hash.add('"')
}

function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`)
    .join()}}`
}

/** cyrb53 by bryc (public domain): quick, and well enough mixed to tell documents apart. */
class Hash {
  #low = 0xdeadbeef
  #high = 0x41c6ce57

  add(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      this.#low = Math.imul(this.#low ^ code, 2_654_435_761)
      this.#high = Math.imul(this.#high ^ code, 1_597_334_677)
    }
  }

  digest(): string {
    let low = Math.imul(this.#low ^ (this.#low >>> 16), 2_246_822_507)
    low ^= Math.imul(this.#high ^ (this.#high >>> 13), 3_266_489_909)
    let high = Math.imul(this.#high ^ (this.#high >>> 16), 2_246_822_507)
    high ^= Math.imul(low ^ (low >>> 13), 3_266_489_909)
    return (4_294_967_296 * (2_097_151 & high) + (low >>> 0)).toString(16).padStart(14, '0')
  }
}
