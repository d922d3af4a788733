/** From a command, its target and the document to all that a generation needs but an endpoint. */
import type { Block } from '#shared/document/blocks.ts'
import type { AddressedBlock } from './addresses.ts'
import { CodeStream } from './answers/code-stream.ts'
import { EditAnswer } from './answers/edit-answer.ts'
import type { EditWarning } from './answers/edit-stream.ts'
import type { Command } from './commands.ts'
import { resolveTarget, type SelectedRange, type Target } from './context.ts'
import { Continuation } from './continuation.ts'
import { type ModelEndpoint, ModelError, type ModelRequest } from './endpoint.ts'
import type { TextFilter, Translator } from './generate.ts'
import type { KnownTexts } from './known-texts.ts'
import { hostOf } from './markdown-line.ts'
import { MarkdownStream } from './markdown-stream.ts'
import { OutputFilter } from './output-filter.ts'
import { buildRequest, type PromptForm } from './prompt.ts'

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
  /** The translator, where it is an edit's. */
  edit: EditAnswer | undefined
}

/** Throws a ModelError `bad-request` where there is nothing to work on. */
export function prepare(options: Preparation): Prepared {
  const target = resolveTarget(options.blocks, options.selection)
  return prepareTarget({ ...options, target })
}

/** `bySentences`: the target is some sentences of a block, whatever the command works by. */
export function prepareTarget(
  options: Omit<Preparation, 'selection'> & {
    target: Target
    bySentences?: boolean
    /** A part of the edit has been asked for before. */
    isLater?: boolean
    known?: KnownTexts
  },
): Prepared {
  const { command, instruction, blocks, target, inLine, endpoint, maxOutputTokens, onWarning } =
    options
  if (command.kind === 'edit' && target.selected.every(({ text }) => text.trim() === ''))
    throw new ModelError('bad-request', 'the target of an edit holds no text', {
      sentence: 'There is no text here to work on. Select some, and ask again.',
    })
  const { contextTokens } = endpoint
  const form = options.bySentences ? 'sentences' : formOf(command, target, inLine)
  const request = buildRequest({
    ...{ command, form, instruction, target, contextTokens, maxOutputTokens },
    isLater: options.isLater ?? false,
    known: options.known,
  })
  const hosts = hostsOf(blocks)
  const translator =
    form === 'code'
      ? new CodeStream(target.caret!)
      : form === 'insert'
        ? new Continuation(new MarkdownStream(hosts), inLine ? lineBefore(target.caret) : '')
        : new EditAnswer({
            form,
            blocks: editable(form, target),
            others: target.blocks.filter((block) => !target.selected.includes(block)),
            granularity: command.granularity,
            hosts,
            mayRemove: command.mayRemove,
            asShown: command.id === 'edit',
            ...(onWarning ? { onWarning } : {}),
          })
  const edit = translator instanceof EditAnswer ? translator : undefined
  return { request, translator, filter: new OutputFilter(), edit }
}

/** Code has no sentences, and what is put into it is code. */
export function formOf(command: Command, { selected, caret }: Target, inLine: boolean): PromptForm {
  const isCode = (block: AddressedBlock | undefined) => block?.block.type === 'code'
  if (command.form === 'insert') return inLine && isCode(caret?.block) ? 'code' : 'insert'
  const writable = selected.filter(({ text }) => text.trim() !== '')
  return command.form === 'sentences' && writable.every(isCode) ? 'blocks' : command.form
}

function lineBefore(caret: Target['caret']): string {
  const text = caret?.block.text.slice(0, caret.offset) ?? ''
  return text.slice(text.lastIndexOf('\n') + 1)
}

/** Only what was marked may be changed, whatever an answer addresses. */
function editable(form: PromptForm, { selected, sentences }: Target): readonly AddressedBlock[] {
  if (form === 'blocks') return selected
  return selected.map((block) => {
    const marked = block.sentences.filter(({ address }) => sentences.has(address))
    const whole = marked.length > 0 && marked.length === block.sentences.length
    return { ...block, sentences: marked, whole }
  })
}

/** Hosts to which the document leads already, lower case, with port. */
export function hostsOf(blocks: readonly Block[]): Set<string> {
  const urls = blocks.flatMap(({ inlines }) =>
    inlines.flatMap((inline) => (inline.kind === 'text' && inline.url ? [inline.url] : [])),
  )
  return new Set(urls.flatMap((url) => hostOf(url) ?? []))
}
