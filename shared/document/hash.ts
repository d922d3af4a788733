/**
 * A hash of what a document shows, the same in the browser and on the server. Two replicas with
 * all the same updates must have the same one; where they do not, Yjs has diverged (yjs #794) and
 * the client must load the document anew. Not cryptographic.
 */
import * as Y from 'yjs'
import { body } from './shape.ts'

/** Sixteen hexadecimal digits. */
export function hashOf(doc: Y.Doc): string {
  const parts: string[] = []
  write(body(doc), parts)
  return cyrb64(parts.join('\u0000'))
}

function write(type: Y.XmlElement, parts: string[]): void {
  parts.push('<', type.nodeName, canonical(type.getAttributes()))
  for (const child of type.toArray()) {
    if (child instanceof Y.XmlElement) write(child, parts)
    else if (child instanceof Y.XmlText) writeText(child, parts)
  }
  parts.push('>')
}

/** Neighbours that look the same count as one: what splits them is history, not content. */
function writeText(text: Y.XmlText, parts: string[]): void {
  let attributes = ''
  let characters = ''
  const flush = () => {
    if (characters !== '') parts.push(characters, attributes)
    characters = ''
  }
  parts.push('"', canonical(text.getAttributes()))
  for (const op of text.toDelta() as { insert: unknown; attributes?: object }[]) {
    const own = canonical(op.attributes ?? {})
    if (own !== attributes || typeof op.insert !== 'string') flush()
    attributes = own
    if (typeof op.insert === 'string') characters += op.insert
    else if (op.insert instanceof Y.XmlElement) {
      parts.push(own)
      write(op.insert, parts)
    } else parts.push(own, canonical(op.insert))
  }
  flush()
  parts.push('"')
}

/** JSON with keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** cyrb53 by bryc (public domain), with all of its 64 bits. */
function cyrb64(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  const hex = (n: number) => (n >>> 0).toString(16).padStart(8, '0')
  return hex(b) + hex(a)
}
