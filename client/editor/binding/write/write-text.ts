/** The words and formats of text nodes go into the text that they are bound to. */
import type { BindingV2 } from '@lexical/yjs'
import type { TextNode } from 'lexical'
import * as Y from 'yjs'
import { type Attributes, flagOf, sameAttributes, TYPE, textAttributes } from '../attributes.ts'
import { bind } from '../mapping.ts'
import { wordsOf } from '../text-parts.ts'
import { formatWords, type Run, withIndexes } from './format-words.ts'
import { insertWords } from './insert-words.ts'
import { changesOf, type Piece, type TextChange } from './text-diff.ts'
import { type Before, countCome, countLeft } from './text-ends.ts'

/** A caret in a text node. */
export interface Caret {
  key: string
  offset: number
}

/** Writes what differs between the nodes that stood for this text, `known`, and those that do now. */
export function writeText(
  binding: BindingV2,
  text: Y.XmlText,
  known: readonly TextNode[],
  nodes: TextNode[],
  caret: Caret | undefined,
  before: Before,
): void {
  if (known.length === nodes.length && known.every((node, n) => node === nodes[n])) return
  const held = wordsOf(text)
  const old = known.length > 0 ? piecesOf(known) : [{ key: '', words: held }]
  const now = piecesOf(nodes)
  const runs = runsOf(binding, nodes)
  const at = offsetOf(caret, now)
  const edits = withAttributes(
    changesOf(old, now, at, {
      come: countCome(known, nodes, caret, before),
      left: countLeft(known, nodes, caret, before),
    }),
    runs,
  )
  for (const { index, remove, insert, attributes } of rebase(edits, joined(old), held).reverse()) {
    if (remove > 0) text.delete(index, remove)
    insertWords(text, index, insert, attributes)
  }
  formatWords(text, runs)
  bind(binding, text, nodes)
}

/**
 * Whether text nodes side by side hold what the document has as one: Lexical kept them apart because
 * they stood in two texts, and now they do not.
 */
export function areOne(binding: BindingV2, nodes: readonly TextNode[]): boolean {
  const runs = runsOf(binding, nodes)
  return runs.some(
    ({ attributes }, n) =>
      !(TYPE in attributes) && n > 0 && sameAttributes(attributes, runs[n - 1]!.attributes),
  )
}

/** A new text with the words of these nodes. */
export function createText(binding: BindingV2, nodes: TextNode[]): Y.XmlText {
  const text = new Y.XmlText()
  const runs = withIndexes(runsOf(binding, nodes))
  text.applyDelta(
    nodes.map(({ __text: insert }, n) => ({ insert, attributes: present(runs[n]!.attributes) })),
  )
  bind(binding, text, nodes)
  return text
}

const piecesOf = (nodes: readonly TextNode[]): Piece[] =>
  nodes.map((node) => ({ key: node.__key, words: node.__text, flag: flagOf(node) }))
const joined = (pieces: readonly Piece[]): string => pieces.map(({ words }) => words).join('')

const runsOf = (binding: BindingV2, nodes: readonly TextNode[]): Run[] =>
  nodes.map((node) => ({
    length: node.__text.length,
    attributes: textAttributes(binding, node),
  }))

const present = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null))

/** How far the caret stands from the beginning of these pieces; undefined where it is elsewhere. */
function offsetOf(caret: Caret | undefined, pieces: readonly Piece[]): number | undefined {
  let before = 0
  for (const { key, words } of pieces) {
    if (key === caret?.key) return before + caret.offset
    before += words.length
  }
  return undefined
}

interface Edit extends TextChange {
  /** What the inserted words are to have, by the node in which they begin. */
  attributes: Attributes
}

function withAttributes(changes: readonly TextChange[], runs: readonly Run[]): Edit[] {
  let shift = 0
  return changes.map((change) => {
    const attributes = attributesAt(runs, change.index + shift)
    shift += change.insert.length - change.remove
    return { ...change, attributes }
  })
}

function attributesAt(runs: readonly Run[], index: number): Attributes {
  let end = 0
  for (const { length, attributes } of runs) {
    end += length
    if (end > index) return attributes
  }
  return {}
}

/**
 * The same edits on what the document holds by now, should others have written there since the page
 * last showed it: what they wrote stays, and what they took is not taken twice.
 */
function rebase(edits: readonly Edit[], known: string, held: string): Edit[] {
  if (known === held) return [...edits]
  const most = Math.min(known.length, held.length)
  let front = 0
  while (front < most && known[front] === held[front]) front++
  let back = 0
  while (front + back < most && known.at(-1 - back) === held.at(-1 - back)) back++
  const end = known.length - back
  const shift = held.length - known.length
  return edits.flatMap((edit) => {
    const [from, to] = [edit.index, edit.index + edit.remove]
    const behind = Math.max(0, to - Math.max(from, end))
    const ahead = Math.max(0, Math.min(to, front) - from)
    const index = from <= front ? from : from >= end ? from + shift : front
    const first = { ...edit, index, remove: from >= end ? behind : ahead }
    if (from >= end || behind === 0) return [first]
    return [first, { ...edit, index: end + shift, remove: behind, insert: '' }]
  })
}
