/**
 * One who types: a Yjs client that writes into a paragraph of its own, as the page's editor does
 * (V2 shape, one struct a key press). Its updates are written by hand, byte for byte as Yjs writes
 * them, so that thousands a second cost the generator nothing.
 */
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { writeVarUint } from './wire/bytes.ts'

const STRING_WITH_ORIGIN = 0x84

export class Typist {
  readonly client: number
  /** The clock of what it writes next. */
  clock = 0

  constructor(client: number) {
    this.client = client
  }

  /** Its first update: the paragraph, with one character in it. */
  begin(): Uint8Array {
    const doc = new Y.Doc()
    doc.clientID = this.client
    const paragraph = new Y.XmlElement('paragraph')
    const text = new Y.XmlText()
    text.insert(0, '.')
    paragraph.insert(0, [text])
    body(doc).insert(0, [paragraph])
    this.clock = Y.getState(doc.store, this.client)
    return Y.encodeStateAsUpdate(doc)
  }

  /** Writes on behind its last character. ASCII, at least one character. */
  type(text: string): Uint8Array {
    const update = Buffer.allocUnsafe(text.length + 48)
    update[0] = 1
    update[1] = 1
    let at = writeVarUint(update, 2, this.client)
    at = writeVarUint(update, at, this.clock)
    update[at++] = STRING_WITH_ORIGIN
    at = writeVarUint(update, at, this.client)
    at = writeVarUint(update, at, this.clock - 1)
    at = writeVarUint(update, at, text.length)
    at += update.write(text, at, 'latin1')
    update[at++] = 0
    this.clock += text.length
    return update.subarray(0, at)
  }
}
