/**
 * Plain tells whether an update can be applied as it is: what it writes stands in living elements,
 * between living neighbours, and it takes nothing along. Nearly all of typing is that, and costs no
 * more than this look.
 */
import * as Y from 'yjs'
import { itemAt } from '#shared/document/characters.ts'
import type { Sent } from './sent.ts'

export function isPlain(doc: Y.Doc, { named, neighbours, writesText }: Sent): boolean {
  let deletes = false
  for (const [client, ranges] of named.clients) {
    for (const { clock, len } of ranges) {
      deletes = true
      if (writesText || !livesAll(doc, client, clock, clock + len)) return false
    }
  }
  // What an element takes along that goes as a whole may be words its sender has not seen.
  return !(deletes && deletesElements(doc, named)) && neighbours.every((id) => stands(doc, id))
}

/** What the update names or builds on, and is not there any more: the first of each range. */
export function goneIn(doc: Y.Doc, { named, neighbours }: Sent): Y.ID[] {
  const gone = neighbours.filter((id) => !stands(doc, id))
  for (const [client, ranges] of named.clients) {
    for (const { clock, len } of ranges) {
      const end = Math.min(clock + len, Y.getState(doc.store, client))
      for (let at = clock; at < end; ) {
        const struct = Y.getItem(doc.store, Y.createID(client, at)) as Y.Item | Y.GC
        if (struct.deleted) gone.push(Y.createID(client, at))
        at = struct.id.clock + struct.length
      }
    }
  }
  return gone
}

function livesAll(doc: Y.Doc, client: number, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const item = itemAt(doc, Y.createID(client, at))
    if (!item || item.deleted) return false
    at = item.id.clock + item.length
  }
  return true
}

function deletesElements(doc: Y.Doc, named: Sent['named']): boolean {
  for (const [client, ranges] of named.clients) {
    for (const { clock, len } of ranges) {
      for (let at = clock; at < clock + len; ) {
        const item = itemAt(doc, Y.createID(client, at))
        if (!item || item.content instanceof Y.ContentType) return true
        at = item.id.clock + item.length
      }
    }
  }
  return false
}

const stands = (doc: Y.Doc, id: Y.ID): boolean => itemAt(doc, id)?.deleted === false
