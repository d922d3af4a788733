/** BlockMarkdown writes one block as the lines in which a prompt shows it. */
import type { Block } from '#shared/document/blocks.ts'
import { dressedBlock } from '../edits/looks.ts'
import { writeInline } from './write-inline.ts'

/** Code stands as it is between its fences; all else is markdown that reads back as the same. */
export function blockMarkdown(block: Block): string {
  if (block.type === 'code') return codeMarkdown(block, dressedBlock(block).text)
  return `${prefixOf(block)}${writeInline(dressedBlock(block))}`
}

/** A fence longer than any in the code. */
export function codeMarkdown({ language }: Block, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language ?? ''}\n${code}\n${fence}`
}

/** What markdown puts in front of a block. An item's depth is shown by its own spaces. */
export function prefixOf(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `${'#'.repeat(block.level)} `
    case 'quote':
      return '> '
    case 'divider':
      return '---'
    case 'listitem': {
      const sign = { bullet: '-', number: '1.', check: block.checked ? '- [x]' : '- [ ]' }
      return `${'  '.repeat(block.level)}${sign[block.list ?? 'bullet']} `
    }
    case 'code':
    case 'paragraph':
    case 'unknown':
      return ''
  }
}
