/**
 * A very long paste goes in as plain paragraphs, a part at a time: the server refuses a text or a
 * message beyond its limits, and with it everything that this tab has to say.
 */
import {
  $createParagraphNode,
  $createTextNode,
  $getNodeByKey,
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  COMMAND_PRIORITY_CRITICAL,
  type LexicalEditor,
  type LexicalNode,
  PASTE_COMMAND,
} from 'lexical'
import { $topLevel } from './blocks.ts'

export interface PasteRoom {
  /** How many bytes the document may still grow by. */
  left(): number
  /** Tells the person why nothing was pasted. */
  refuse(why: string): void
}

/** What a paragraph costs beside its characters, at least. */
const PARAGRAPH_BYTES = 30
const TOO_LARGE =
  'That is more than one document can hold: nothing was pasted. Divide it over several documents.'

/** Characters from which on a paste is a large one. */
export const LARGE = 200_000
const PARAGRAPH = 50_000
const PART = 100_000

export function registerLargePaste(editor: LexicalEditor, room: PasteRoom): () => void {
  return editor.registerCommand(
    PASTE_COMMAND,
    (event) => {
      const data = 'clipboardData' in event ? event.clipboardData : null
      const text = data?.getData('text/plain') ?? ''
      const selection = $getSelection()
      if (text.length < LARGE || !$isRangeSelection(selection)) return false
      event.preventDefault()
      // Said before anything is there that could not be saved.
      if (bytesOf(text) > room.left()) {
        room.refuse(TOO_LARGE)
        return true
      }
      selection.removeText()
      const block = $topLevel(selection.anchor.getNode())
      insertParts(editor, parts(text), block.getKey())
      return true
    },
    COMMAND_PRIORITY_CRITICAL,
  )
}

function bytesOf(text: string): number {
  const lines = text.split('\n').length
  return new TextEncoder().encode(text).length + lines * PARAGRAPH_BYTES
}

/** One part in each task: each is a message of its own, and the page stays usable meanwhile. */
function insertParts(editor: LexicalEditor, rest: string[][], after: string): void {
  setTimeout(() => {
    let last: string | undefined
    const [part = [], ...others] = rest
    editor.update(
      () => {
        const before = $getNodeByKey(after)
        if (before) last = $insertParagraphs(before, part).getKey()
      },
      { discrete: true },
    )
    if (last !== undefined && others.length > 0) insertParts(editor, others, last)
  })
}

function $insertParagraphs(before: LexicalNode, lines: readonly string[]): LexicalNode {
  const follows = $caretIsAtEndOf(before)
  let last = before
  for (const line of lines) {
    const paragraph = $createParagraphNode()
    if (line !== '') paragraph.append($createTextNode(line))
    last.insertAfter(paragraph)
    last = paragraph
  }
  if (last !== before && $isElementNode(before) && before.isEmpty()) before.remove()
  if (follows) last.selectEnd()
  return last
}

/** Whoever has gone on elsewhere meanwhile is not fetched back. */
function $caretIsAtEndOf(block: LexicalNode): boolean {
  const selection = $getSelection()
  if (!$isRangeSelection(selection) || !selection.isCollapsed()) return false
  const { anchor } = selection
  const node = anchor.getNode()
  const size = $isElementNode(node) ? node.getChildrenSize() : node.getTextContentSize()
  return $topLevel(node).is(block) && anchor.offset === size
}

/** The lines of a text, none too long for one paragraph, in parts of which each is one message. */
export function parts(text: string): string[][] {
  const all: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const line of text.split(/\r?\n/).flatMap(shorten)) {
    if (size + line.length > PART) {
      all.push([])
      size = 0
    }
    all.at(-1)?.push(line)
    size += line.length + 10
  }
  return all
}

function shorten(line: string): string[] {
  const pieces: string[] = []
  let rest = line
  while (rest.length > PARAGRAPH) {
    const space = rest.lastIndexOf(' ', PARAGRAPH)
    const at = space > 0 ? space + 1 : PARAGRAPH
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  return [...pieces, rest]
}
