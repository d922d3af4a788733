/**
 * Blocks as HTML: semantic elements, every character of the document escaped, links only where
 * they may be followed. With a title a whole page, without one a fragment.
 */
import type { Block, Inline, InlineText } from './blocks.ts'
import { safeUrl } from './links.ts'
import { type Flag, FORMAT } from './shape.ts'

export function exportHtml(blocks: readonly Block[], title?: string): string {
  const fragment = writeBlocks(blocks)
  if (title === undefined) return fragment
  return [
    '<!doctype html>',
    '<html>',
    '<head>',
    '<meta charset="utf-8">',
    `<title>${escapeHtml(title)}</title>`,
    '</head>',
    '<body>',
    `<h1>${escapeHtml(title)}</h1>`,
    `${fragment}</body>`,
    '</html>',
    '',
  ].join('\n')
}

function writeBlocks(blocks: readonly Block[]): string {
  let out = ''
  for (let at = 0; at < blocks.length; ) {
    const block = blocks[at] as Block
    if (block.type === 'listitem') {
      const list = writeList(blocks, at, block.level)
      out += list.html
      at = list.next
    } else {
      out += `${writeBlock(block)}\n`
      at++
    }
  }
  return out
}

function writeBlock(block: Block): string {
  const marks = attributesOf(block.flag)
  const content = writeInlines(block.inlines)
  switch (block.type) {
    case 'heading':
      return `<h${block.level}${marks}>${content}</h${block.level}>`
    case 'quote':
      return `<blockquote${marks}><p>${content}</p></blockquote>`
    case 'code': {
      const language = block.language ? ` class="language-${escapeHtml(block.language)}"` : ''
      return `<pre${marks}><code${language}>${writeInlines(block.inlines, '\n')}</code></pre>`
    }
    case 'divider':
      return `<hr${marks}>`
    default:
      return `<p${marks}>${content}</p>`
  }
}

/** One list from `at` on, with the deeper lists inside its items. */
function writeList(
  blocks: readonly Block[],
  at: number,
  level: number,
): { html: string; next: number } {
  const first = blocks[at] as Block
  const tag = first.list === 'number' ? 'ol' : 'ul'
  const number = (first.start ?? 1) + (first.index ?? 0)
  let out = `<${tag}${first.list === 'number' && number !== 1 ? ` start="${number}"` : ''}${
    first.list === 'check' ? ' class="checklist"' : ''
  }>\n`
  let next = at
  for (;;) {
    const item = blocks[next]
    if (item?.type !== 'listitem' || item.level < level || startsAnother(first, item, next > at)) {
      break
    }
    const check = `<input type="checkbox" disabled${item.checked ? ' checked' : ''}> `
    out += `<li${attributesOf(item.flag)}>${item.list === 'check' ? check : ''}${writeInlines(item.inlines)}`
    next++
    for (;;) {
      const deeper = blocks[next]
      if (deeper?.type !== 'listitem' || deeper.level <= level) break
      const inner = writeList(blocks, next, deeper.level)
      out += `\n${inner.html}`
      next = inner.next
    }
    out += '</li>\n'
  }
  return { html: `${out}</${tag}>\n`, next }
}

const startsAnother = (first: Block, item: Block, later: boolean): boolean =>
  later && (item.list !== first.list || (item.index === 0 && item.level === first.level))

function writeInlines(inlines: readonly Inline[], lineBreak = '<br>\n'): string {
  return inlines
    .map((inline) => flagged(inline.kind === 'break' ? lineBreak : writeText(inline), inline.flag))
    .join('')
}

const TAGS: readonly (readonly [number, string])[] = [
  [FORMAT.code, 'code'],
  [FORMAT.strikethrough, 's'],
  [FORMAT.italic, 'em'],
  [FORMAT.bold, 'strong'],
  [FORMAT.underline, 'u'],
  [FORMAT.subscript, 'sub'],
  [FORMAT.superscript, 'sup'],
  [FORMAT.highlight, 'mark'],
]

function writeText({ text, format, url }: InlineText): string {
  let out = escapeHtml(text)
  for (const [bit, tag] of TAGS) if (format & bit) out = `<${tag}>${out}</${tag}>`
  const href = url === undefined ? undefined : safeUrl(url)
  if (href === undefined) return out
  return `<a href="${escapeHtml(href)}" rel="noopener noreferrer nofollow">${out}</a>`
}

function flagged(html: string, flag: Flag | undefined): string {
  if (!flag) return html
  return `<${flag.op}${attributesOf(flag)}>${html}</${flag.op}>`
}

function attributesOf(flag: Flag | undefined): string {
  if (!flag) return ''
  const kind = flag.op === 'ins' ? 'insertion' : 'deletion'
  const label = flag.stale ? `suggested ${kind}, out of date` : `suggested ${kind}`
  const stale = flag.stale ? ' suggestion-stale' : ''
  return ` class="suggestion-${flag.op}${stale}" data-chunk="${escapeHtml(flag.chunk)}" aria-label="${label}"`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
