/**
 * Blocks as a file: the four formats of the content route. What is pending was settled before, by
 * the view that the blocks were read in; here flags only say how to show it.
 */
import { unreachable } from '#shared/errors.ts'
import type { ContentFormat } from '#shared/protocol/api.ts'
import { type Block, blockText, type Inline, STALE_COMMENT } from './blocks.ts'
import { exportHtml } from './export-html.ts'
import { exportMarkdown } from './export-markdown.ts'
import { safeUrl } from './links.ts'
import { type Flag, FORMAT } from './shape.ts'

export interface ExportOptions {
  /** Where given, it stands at the head of the file. */
  title?: string
}

/** Ends with one line break, except where there is nothing at all. */
export function exportBlocks(
  blocks: readonly Block[],
  format: ContentFormat,
  { title }: ExportOptions = {},
): string {
  switch (format) {
    case 'markdown':
      return exportMarkdown(blocks, title)
    case 'html':
      return exportHtml(blocks, title)
    case 'text':
      return exportText(blocks, title)
    case 'json':
      return `${JSON.stringify(exportJson(blocks, title), null, 2)}\n`
    default:
      return unreachable(format)
  }
}

/** What the format `json` holds. `version` rises when a reader would have to know. */
export interface JsonDocument {
  version: 1
  title?: string
  blocks: JsonBlock[]
}
export interface JsonBlock {
  id: string
  type: Block['type']
  /** Headings 1–6, list items from 0. */
  level?: number
  list?: 'bullet' | 'number' | 'check'
  checked?: boolean
  /** The number in front of an item of a numbered list. */
  number?: number
  language?: string
  suggestion?: JsonSuggestion
  content: JsonInline[]
}
export type JsonInline =
  | {
      text: string
      /** Names of FORMAT; absent where there is none. */
      formats?: string[]
      url?: string
      suggestion?: JsonSuggestion
    }
  | { break: true; suggestion?: JsonSuggestion }
export interface JsonSuggestion {
  kind: 'insertion' | 'deletion'
  chunk: string
  /** The text that it was made for has changed; it is not part of what would be accepted. */
  stale?: true
}

function exportJson(blocks: readonly Block[], title: string | undefined): JsonDocument {
  return {
    version: 1,
    ...(title !== undefined && { title }),
    blocks: blocks.map((block) => ({
      id: block.id,
      type: block.type,
      ...((block.type === 'heading' || block.type === 'listitem') && { level: block.level }),
      ...(block.list && { list: block.list }),
      ...(block.checked !== undefined && { checked: block.checked }),
      ...(block.list === 'number' && { number: (block.start ?? 1) + (block.index ?? 0) }),
      ...(block.language && { language: block.language }),
      ...suggestion(block.flag),
      content: block.inlines.map(jsonInline),
    })),
  }
}

function jsonInline(inline: Inline): JsonInline {
  if (inline.kind === 'break') return { break: true, ...suggestion(inline.flag) }
  const formats = Object.entries(FORMAT)
    .filter(([, bit]) => inline.format & bit)
    .map(([name]) => name)
  const url = inline.url === undefined ? undefined : safeUrl(inline.url)
  return {
    text: inline.text,
    ...(formats.length > 0 && { formats }),
    ...(url !== undefined && { url }),
    ...suggestion(inline.flag),
  }
}

function suggestion(flag: Flag | undefined): { suggestion?: JsonSuggestion } {
  if (!flag) return {}
  const kind = flag.op === 'ins' ? 'insertion' : 'deletion'
  return { suggestion: { kind, chunk: flag.chunk, ...(flag.stale && { stale: true }) } }
}

/** Plain words; pending ones, in the view `inline`, between the marks of CriticMarkup. */
function exportText(blocks: readonly Block[], title: string | undefined): string {
  let out = title ? `${title}\n` : ''
  let before: Block | undefined
  for (const block of blocks) {
    if (out) out += before?.type === 'listitem' && block.type === 'listitem' ? '' : '\n'
    const indent = '  '.repeat(block.type === 'listitem' ? block.level : 0)
    const bullet = bulletOf(block)
    const lines = (block.inlines.some((inline) => inline.flag) ? marked(block) : blockText(block))
      .split('\n')
      .map((line, n) => (n === 0 ? bullet : ' '.repeat(bullet.length)) + line)
    out += `${lines.map((line) => `${indent}${line}`.trimEnd()).join('\n')}\n`
    before = block
  }
  return out
}

function bulletOf(block: Block): string {
  if (block.type === 'divider') return '* * *'
  switch (block.list) {
    case undefined:
      return ''
    case 'bullet':
      return '- '
    case 'check':
      return block.checked ? '[x] ' : '[ ] '
    case 'number':
      return `${(block.start ?? 1) + (block.index ?? 0)}. `
    default:
      return unreachable(block.list)
  }
}

function marked(block: Block): string {
  return block.inlines
    .map((inline) => {
      const text = inline.kind === 'text' ? inline.text : '\n'
      if (!inline.flag) return text
      if (inline.flag.op === 'del') return `{--${text}--}`
      return `{++${text}++}${inline.flag.stale ? STALE_COMMENT : ''}`
    })
    .join('')
}
