/** Edited plays one answer of a model into a document and tells what either decision makes of it. */
import * as Y from 'yjs'
import { findCommand } from '#server/ai/commands.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { prepare } from '#server/ai/prepare.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { RunText } from '#server/suggestions/run-text.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import { blockText } from '#shared/document/blocks.ts'
import { exportMarkdown } from '#shared/document/export-markdown.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'

export interface Played {
  command: string
  answer: string
  /** Characters of the answer that come at once. */
  size?: number
  /** The answer breaks off at its end. */
  cut?: boolean
  instruction?: string
  /** The blocks that are selected: all unless said otherwise. */
  first?: number
  last?: number
  /** Of the first selected block only these characters. */
  from?: number
  to?: number
}

/** The document in markdown before, and after the answer was accepted and rejected. */
export function edited(markdown: string, played: Played) {
  const accepted = outcome(markdown, played, 'accepted')
  const rejected = outcome(markdown, played, 'rejected')
  return {
    before: accepted.before,
    chunks: accepted.chunks,
    accepted: accepted.after,
    rejected: rejected.after,
  }
}

function outcome(markdown: string, played: Played, decision: 'accepted' | 'rejected') {
  const stream = new MarkdownStream(new Set(['a.b']))
  const doc = new Y.Doc()
  Y.applyUpdate(doc, firstContent([...stream.push(markdown), ...stream.end()]).update)
  const suggestions = new Suggestions(doc)
  const read = () => exportMarkdown(readBlocks(doc, 'without', ownsBy(suggestions)))
  const before = read()
  const command = findCommand(played.command)!
  const { selection, place } = targetOf(doc, played, command.kind)
  const { translator } = prepare({
    command,
    instruction: played.instruction ?? 'as it should be',
    blocks: readBlocks(doc, 'without'),
    selection,
    inLine: place.kind === 'inline',
    endpoint: { contextTokens: 32_000 },
    maxOutputTokens: 4_000,
  })
  const pen = new RunText(suggestions, { suggestion: 's', client: 9, place })
  const { answer, size = 4, cut = false } = played
  for (let at = 0; at < answer.length; at += size)
    pen.write(translator.push(answer.slice(at, at + size)), 'run')
  pen.write(translator.end(cut), 'run')
  pen.end('run')
  const open = suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
  suggestions.settle(open, decision, 'ada', 'room')
  suggestions.repair('room')
  return { before, chunks: open.length, after: read() }
}

/** The selected blocks, and for an insertion the caret at the end of what is selected. */
function targetOf(doc: Y.Doc, played: Played, kind: 'insert' | 'edit') {
  const { first = 0, last = Number.POSITIVE_INFINITY, from = 0, to } = played
  const blocks = readBlocks(doc, 'without').slice(first, last + 1)
  const selection = blocks.map((block, n) => {
    const { length } = blockText(block)
    return { block: block.id, from: n === 0 ? from : 0, to: n === 0 ? (to ?? length) : length }
  })
  if (kind === 'edit') return { selection, place: { kind: 'edit' } as const }
  const [block] = blocks
  const item = itemAt(block?.inlines ?? [], (to ?? 0) - 1)
  const position = new Y.RelativePosition(null, null, item ?? null, -1)
  return { selection, place: { kind: 'inline', position } as const }
}

function itemAt(inlines: ReturnType<typeof readBlocks>[number]['inlines'], at: number) {
  let left = at
  for (const inline of inlines) {
    if (inline.kind === 'break') left--
    else
      for (const { client, clock, length } of inline.spans) {
        if (left < length) return Y.createID(client, clock + left)
        left -= length
      }
  }
  return undefined
}
