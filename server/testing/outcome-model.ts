/**
 * OutcomeModel says what a document must read like once all pending chunks are decided, from the rows
 * of the chunks and the document's tree alone. It shares no code with the readers of views nor with
 * settling: both are compared with it.
 */
import * as Y from 'yjs'
import type { StoredChunk } from '#server/suggestions/types.ts'

export type Outcome = 'rejected' | 'accepted'

/** One line of text for each block that is left: `heading h2: words`, a break as `/`. */
export function outcomeOf(doc: Y.Doc, rows: readonly StoredChunk[], outcome: Outcome): string[] {
  const root = doc.get('root-v2', Y.XmlElement) as Y.XmlElement
  return new Model(rows, outcome).blocks(root)
}

interface Line {
  kind: 'text' | 'break' | 'link'
  /** Characters that stay; of a break `/`. */
  text: string
  /** It stays whatever is beside it. */
  stays: boolean
}

class Model {
  readonly #goes = new Set<string>()

  constructor(rows: readonly StoredChunk[], outcome: Outcome) {
    for (const row of rows) {
      const isPending = ['writing', 'open', 'stale'].includes(row.state)
      if (!isPending) continue
      const isTaken = outcome === 'accepted' && row.state !== 'stale'
      for (const { client, from, to } of isTaken ? row.del : row.ins) {
        for (let clock = from; clock < to; clock++) this.#goes.add(`${client}-${clock}`)
      }
    }
  }

  blocks(parent: Y.XmlElement, depth = 0): string[] {
    return parent.toArray().flatMap((child) => {
      if (!(child instanceof Y.XmlElement)) return []
      if (child.nodeName === 'list') return this.#items(child, depth)
      const line = this.#line(child)
      return line === '' && this.#isGoing(child) ? [] : [`${this.#name(child)}: ${line}`]
    })
  }

  #items(list: Y.XmlElement, depth: number): string[] {
    return list.toArray().flatMap((item) => {
      if (!(item instanceof Y.XmlElement)) return []
      const inner = item
        .toArray()
        .flatMap((child) =>
          child instanceof Y.XmlElement && child.nodeName === 'list'
            ? this.#items(child, depth + 1)
            : [],
        )
      const holdsList = item
        .toArray()
        .some((child) => child instanceof Y.XmlElement && child.nodeName === 'list')
      const line = this.#line(item)
      const isShown = line !== '' || !(this.#isGoing(item) || holdsList)
      return [...(isShown ? [`${'-'.repeat(depth + 1)} ${line}`] : []), ...inner]
    })
  }

  #name(block: Y.XmlElement): string {
    const tag: unknown = block.getAttribute('__tag')
    return typeof tag === 'string' ? `${block.nodeName} ${tag}` : block.nodeName
  }

  #line(block: Y.XmlElement): string {
    const parts: Line[] = []
    for (const child of block.toArray()) {
      if (child instanceof Y.XmlText)
        parts.push({ kind: 'text', text: this.#text(child), stays: true })
      else if (child instanceof Y.XmlElement && child.nodeName === 'linebreak') {
        parts.push({ kind: 'break', text: '/', stays: !this.#isGoing(child) })
      } else if (child instanceof Y.XmlElement && child.nodeName === 'link') {
        const text = child
          .toArray()
          .map((one) => (one instanceof Y.XmlText ? this.#text(one) : ''))
          .join('')
        parts.push({ kind: 'link', text, stays: text !== '' })
      }
    }
    // Two texts must not touch: between them a going break stays, unless an empty link does.
    const seen = parts.filter(({ kind, text, stays }) => (kind === 'text' ? text !== '' : stays))
    let out = ''
    for (const [n, part] of seen.entries()) {
      const next = seen[n + 1]
      out += part.text
      if (part.kind !== 'text' || next?.kind !== 'text') continue
      const gap = parts.slice(parts.indexOf(part) + 1, parts.indexOf(next))
      if (gap.some(({ kind }) => kind === 'link')) continue
      if (gap.some(({ kind }) => kind === 'break')) out += '/'
    }
    return out
  }

  #text(text: Y.XmlText): string {
    let out = ''
    for (let item = text._start; item; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentString)) continue
      for (const [n, character] of [...item.content.str].entries()) {
        if (!this.#goes.has(`${item.id.client}-${item.id.clock + n}`)) out += character
      }
    }
    return out
  }

  #isGoing({ _item: item }: Y.XmlElement): boolean {
    return item !== null && this.#goes.has(`${item.id.client}-${item.id.clock}`)
  }
}
