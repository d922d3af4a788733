/** From a command, its target and the document to all that a generation needs but an endpoint. */
import type { Block } from '#shared/document/blocks.ts'
import { safeUrl } from '#shared/document/links.ts'
import type { Command } from './commands.ts'
import { resolveTarget, type SelectedRange, type Target } from './context.ts'
import { Continuation } from './continuation.ts'
import { EditStream, type EditWarning } from './edit-stream.ts'
import { type ModelEndpoint, ModelError, type ModelRequest } from './endpoint.ts'
import type { TextFilter, Translator } from './generate.ts'
import { MarkdownStream } from './markdown-stream.ts'
import { OutputFilter } from './output-filter.ts'
import { buildRequest } from './prompt.ts'

export interface Preparation {
  command: Command
  instruction: string
  /** The document without pending suggestions. */
  blocks: readonly Block[]
  selection: readonly SelectedRange[]
  /** Whether an insertion goes on in the line of the caret, or stands in a paragraph of its own. */
  inLine: boolean
  endpoint: Pick<ModelEndpoint, 'contextTokens'>
  maxOutputTokens: number
  /** Told of each part of an edit that was left out. */
  onWarning?: (warning: EditWarning) => void
}

export interface Prepared {
  request: ModelRequest
  translator: Translator
  filter: TextFilter
}

/** Throws a ModelError `bad-request` where there is nothing to work on. */
export function prepare(options: Preparation): Prepared {
  const { command, instruction, blocks, selection, inLine, endpoint, maxOutputTokens, onWarning } =
    options
  const target = resolveTarget(blocks, selection)
  if (command.kind === 'edit' && target.selected.every(({ text }) => text.trim() === ''))
    throw new ModelError('bad-request', 'the target of an edit holds no text', {
      sentence: 'There is no text here to work on. Select some, and ask again.',
    })
  const { contextTokens } = endpoint
  const request = buildRequest({ command, instruction, target, contextTokens, maxOutputTokens })
  const hosts = hostsOf(blocks)
  const translator =
    command.form === 'insert'
      ? new Continuation(new MarkdownStream(hosts), inLine ? lineBefore(target.caret) : '')
      : new EditStream({
          blocks: editable(command, target),
          granularity: command.granularity,
          hosts,
          ...(onWarning ? { onWarning } : {}),
        })
  return { request, translator, filter: new OutputFilter() }
}

function lineBefore(caret: Target['caret']): string {
  const text = caret?.block.text.slice(0, caret.offset) ?? ''
  return text.slice(text.lastIndexOf('\n') + 1)
}

/** Only what was marked may be changed, whatever an answer addresses. */
function editable(command: Command, target: Target) {
  if (command.form === 'blocks') return target.selected
  return target.selected.map((block) => ({
    ...block,
    sentences: block.sentences.filter(({ address }) => target.sentences.has(address)),
  }))
}

/** Hosts to which the document leads already, lower case, with port. */
export function hostsOf(blocks: readonly Block[]): Set<string> {
  const hosts = new Set<string>()
  for (const { inlines } of blocks)
    for (const inline of inlines) {
      const url = inline.kind === 'text' && inline.url ? safeUrl(inline.url) : undefined
      if (url === undefined) continue
      const { protocol, host, pathname } = new URL(url)
      const found = protocol === 'mailto:' ? pathname.split('@').at(-1)! : host
      hosts.add(found.toLowerCase())
    }
  return hosts
}
