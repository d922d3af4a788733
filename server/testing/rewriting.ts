/**
 * Rewriting runs an edit over a document of its own, in this process: a model that is a function, the
 * windows as they are asked, and the suggestion that comes of it.
 */
import * as Y from 'yjs'
import { findCommand } from '#server/ai/commands.ts'
import type { ModelEndpoint, ModelPart, ModelRequest } from '#server/ai/endpoint.ts'
import { rewrite } from '#server/ai/windows/rewrite.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { locate } from '#server/rooms/locate.ts'
import type { Progress } from '#server/store/run-progress.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { RunText } from '#server/suggestions/run-text.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import { type Block, blockText } from '#shared/document/blocks.ts'
import type { Piece } from '#shared/document/piece.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'

/** What the model says to a request, part by part; it may throw. */
export type Model = (request: ModelRequest) => Iterable<string | ModelPart>

export interface RewritingOptions {
  command: string
  instruction?: string
  contextTokens?: number
  limits?: Partial<Limits>
}

const SUGGESTION = 's'

export class Rewriting {
  readonly doc = new Y.Doc()
  readonly suggestions: Suggestions
  readonly requests: ModelRequest[] = []
  progress: Progress | undefined
  readonly #options: RewritingOptions
  #client = 9

  constructor(pieces: readonly Piece[], options: RewritingOptions) {
    this.#options = options
    Y.applyUpdate(this.doc, firstContent([...pieces, { kind: 'chunk' }]).update)
    this.suggestions = new Suggestions(this.doc)
  }

  /** The document without what is proposed, or with it. */
  blocks(view: 'without' | 'accepted' = 'without'): Block[] {
    return readBlocks(this.doc, view, ownsBy(this.suggestions))
  }

  lines(view: 'without' | 'accepted' = 'without'): string[] {
    return this.blocks(view).map(blockText)
  }

  /** Runs to its end, or goes on with what has come so far. Throws what the run does. */
  async run(model: Model, signal = new AbortController().signal): Promise<void> {
    const { command: id, instruction = '', contextTokens = 8_192, limits } = this.#options
    const { suggestions } = this
    const last = suggestions.book.of(SUGGESTION).length
    const pen = new RunText(suggestions, {
      suggestion: SUGGESTION,
      client: this.#client++,
      place: { kind: 'edit' },
      firstChunk: last + 1,
    })
    const command = findCommand(id)!
    const { requests } = this
    const endpoint: ModelEndpoint = {
      ...{ name: 'scripted', builtIn: false, contextTokens },
      async *stream(request): AsyncGenerator<ModelPart> {
        requests.push(request)
        for (const part of model(request)) {
          yield typeof part === 'string' ? { type: 'text', text: part } : part
        }
      },
      close: async () => undefined,
    }
    try {
      await rewrite(
        {
          ...{ command, instruction, endpoint, progress: this.progress, batchMs: 0 },
          limits: { ...LIMITS, ...limits },
          read: () => {
            const blocks = this.blocks()
            return { blocks, selection: locate(this.doc, blocks, { document: true })!.selection }
          },
          write: async (pieces, _, progress) => {
            pen.write(pieces, 'run')
            this.progress = progress
          },
          onText: () => undefined,
          onUsage: () => undefined,
        },
        signal,
      )
    } finally {
      pen.end('run')
    }
  }

  /** All open chunks at once, or one by one, the last ones first. */
  decide(decision: 'accepted' | 'rejected', oneByOne = false): void {
    const open = this.suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
    for (const ids of oneByOne ? open.toReversed().map((id) => [id]) : [open])
      this.suggestions.settle(ids, decision, 'ada', 'room')
    this.suggestions.repair('room')
  }
}

/** The addresses that a request marks, with the line that each has in its prompt. */
export function marked({ messages }: ModelRequest): { address: string; line: string }[] {
  const prompt = messages.at(-1)?.content ?? ''
  const addresses = /^Marked: (.*)$/m.exec(prompt)?.[1]?.split(' ') ?? []
  const lines = new Map(
    [...prompt.matchAll(/^(b[\d.]+): (.*)$/gm)].map(([, address, line]) => [address!, line!]),
  )
  return addresses.map((address) => ({ address, line: lines.get(address) ?? '' }))
}
