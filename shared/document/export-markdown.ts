/**
 * Blocks as markdown (CommonMark, with strikethrough and task items) that reads back as the same
 * blocks. Formats that markdown lacks become their HTML elements; pending text, in the view
 * `inline`, stands between the marks of CriticMarkup. This file lays out blocks; the characters
 * of a line are markdown-line.ts's.
 */
import { type Block, blockText } from './blocks.ts'
import { markdownLines, plainLine } from './markdown-line.ts'

export function exportMarkdown(blocks: readonly Block[], title?: string): string {
  const lists = new Lists()
  let out = title ? `# ${plainLine(title)}\n` : ''
  for (const block of blocks) {
    const isItem = block.type === 'listitem'
    // Markdown has no empty paragraphs; one between two lists does not part them either.
    if (block.type === 'paragraph' && !blockText(block)) continue
    const lines = isItem ? lists.item(block) : writeBlock(block)
    if (!isItem) lists.close()
    if (out && !(isItem && lists.continues)) out += '\n'
    out += `${lines.join('\n')}\n`
  }
  return out
}

function writeBlock(block: Block): string[] {
  switch (block.type) {
    case 'heading':
      return [writeHeading(block)]
    case 'quote':
      return markdownLines(block.inlines).map((line) => `> ${line}`.trimEnd())
    case 'code':
      return writeCode(block)
    case 'divider':
      return ['---']
    default:
      return markdownLines(block.inlines)
  }
}

/** On one line; number signs at its end would be taken for decoration. */
function writeHeading(block: Block): string {
  const text = markdownLines(block.inlines, true).join(' ')
  return `${'#'.repeat(block.level)} ${text.replace(/(?<!\\)#+$/, '\\$&')}`.trimEnd()
}

function writeCode(block: Block): string[] {
  const text = blockText(block)
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const language = block.language?.replace(/[^\w+#.-]/g, '') ?? ''
  return [`${fence}${language}`, text, fence]
}

interface OpenList {
  marker: string
  kind: Block['list']
  /** Columns that an item's content is indented by. */
  width: number
}

/** The lists that are open, outermost first, and how their items are marked. */
class Lists {
  #open: OpenList[] = []
  /** Whether the last item said anything. */
  #words = false
  /** The item just written belongs to the lists that were open, and needs no blank line. */
  continues = false

  close(): void {
    this.#open = []
  }

  item(block: Block): string[] {
    const depth = Math.min(block.level, this.#open.length)
    const before = this.#open[depth]
    this.#open.length = depth
    const fresh = !before || before.kind !== block.list || block.index === 0
    // Two lists in a row are told apart by their marks alone.
    const marker =
      fresh && before ? other(before.marker, block.list) : (before?.marker ?? first(block.list))
    const number = Math.min(999_999_999, Math.max(0, (block.start ?? 1) + (block.index ?? 0)))
    // Right below its parent's words, an empty item or a list from 2 would be read as words; but
    // below an empty parent a blank line would end it.
    const lines = markdownLines(block.inlines)
    const empty = lines[0] === '' && block.list !== 'check'
    const shy = this.#words && (empty || (block.list === 'number' && number !== 1))
    this.#words = !empty
    this.continues = before ? depth > 0 || !fresh : depth > 0 && !shy
    const bullet = block.list === 'number' ? `${number}${marker} ` : `${marker} `
    const indent = ' '.repeat(this.#open.reduce((sum, { width }) => sum + width, 0))
    this.#open.push({ marker, kind: block.list, width: bullet.length })
    const task = block.list === 'check' ? `[${block.checked ? 'x' : ' '}] ` : ''
    return lines.map((line, n) =>
      `${indent}${n === 0 ? bullet + task : ' '.repeat(bullet.length)}${line}`.trimEnd(),
    )
  }
}

const first = (list: Block['list']): string => (list === 'number' ? '.' : '-')

function other(marker: string, list: Block['list']): string {
  if (list === 'number') return marker === '.' ? ')' : '.'
  return marker === '-' ? '*' : '-'
}
