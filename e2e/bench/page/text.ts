/** Makes one text of many blocks in both tongues: Yjs for Gloss, Lexical's own for a plain page. */
import * as Y from 'yjs'
import { body, PROPERTIES } from '#shared/document/shape.ts'

const WORDS = 'alpha beta gamma delta epsilon zeta eta theta iota kappa'.split(' ')
/** Every so many blocks one is a heading, a list item, one with a link, one with bold words. */
const HEADING = 50
const ITEM = 25
const LINK = 20
const BOLD = 10

type Run = { words: string; bold?: true; link?: string }
interface Block {
  kind: 'paragraph' | 'heading' | 'item'
  runs: Run[]
}

export interface PageText {
  blocks: number
  /** A Yjs update, as an editor writes it into an empty document. */
  update: Uint8Array
  /** As `editorState.toJSON()` gives it. */
  state: object
}

/** Ten words a block, most of them plain paragraphs. */
export function makeText(count: number): PageText {
  const blocks = Array.from({ length: count }, (_, n) => blockAt(n))
  return {
    blocks: count,
    update: updateOf(blocks),
    state: { root: element('root', blocks.map(nodeOf)) },
  }
}

function blockAt(n: number): Block {
  if (n % HEADING === 0) return { kind: 'heading', runs: [{ words: `Heading ${n}` }] }
  const rest = WORDS.slice(0, 7).join(' ')
  const marked = WORDS.slice(7, 9).join(' ')
  const end = ` number ${n}`
  if (n % ITEM === 0) return { kind: 'item', runs: [{ words: `${rest} ${marked}${end}` }] }
  const mark = n % LINK === 0 ? { link: 'https://example.org/' } : n % BOLD === 0 && { bold: true }
  if (!mark) return { kind: 'paragraph', runs: [{ words: `${rest} ${marked}${end}` }] }
  const runs = [{ words: `${rest} ` }, { words: marked, ...mark } as Run, { words: end }]
  return { kind: 'paragraph', runs }
}

function updateOf(blocks: readonly Block[]): Uint8Array {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const { kind, runs } of blocks) writeRuns(addBlock(body(doc), kind), runs)
  })
  const update = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return update
}

/** The element that holds the words. */
function addBlock(root: Y.XmlElement, kind: Block['kind']): Y.XmlElement {
  if (kind === 'paragraph') return add(root, 'paragraph')
  if (kind === 'heading') return add(root, 'heading', { __tag: 'h2' })
  return add(add(root, 'list', { __listType: 'bullet', __tag: 'ul' }), 'listitem')
}

/** One Yjs text holds a whole run of Lexical's text nodes; a link stands between two. */
function writeRuns(block: Y.XmlElement, runs: readonly Run[]): void {
  let text: Y.XmlText | undefined
  for (const { words, bold, link } of runs) {
    if (link) text = addText(add(block, 'link', { __url: link }))
    text ??= addText(block)
    text.insert(text.length, words, bold ? { [PROPERTIES]: { __format: 1 } } : {})
    if (link) text = undefined
  }
}

function add(
  parent: Y.XmlElement,
  name: string,
  attributes: Record<string, string> = {},
): Y.XmlElement {
  const made = new Y.XmlElement(name)
  parent.insert(parent.length, [made])
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

function addText(parent: Y.XmlElement): Y.XmlText {
  const made = new Y.XmlText()
  parent.insert(parent.length, [made])
  return made
}

function nodeOf({ kind, runs }: Block): object {
  const children = runs.map(({ words, bold, link }) => {
    const text = {
      type: 'text',
      version: 1,
      text: words,
      format: bold ? 1 : 0,
      detail: 0,
      mode: 'normal',
      style: '',
    }
    if (!link) return text
    return { ...element('link', [text]), url: link, rel: null, target: null, title: null }
  })
  switch (kind) {
    case 'heading':
      return { ...element('heading', children), tag: 'h2' }
    case 'item': {
      const item = { ...element('listitem', children), value: 1 }
      return { ...element('list', [item]), listType: 'bullet', start: 1, tag: 'ul' }
    }
    case 'paragraph':
      return { ...element('paragraph', children), textFormat: 0, textStyle: '' }
  }
}

function element(type: string, children: object[]) {
  return { type, version: 1, direction: null, format: '', indent: 0, children }
}
