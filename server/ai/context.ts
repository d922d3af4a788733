/**
 * What of a document a model gets to see: what is to be worked on and what stands around it, then
 * the outline, the opening, the nearest blocks outward and the passages that speak of the same,
 * as much as the budget holds. Chooses; prompt.ts writes.
 */
import type { Block } from '#shared/document/blocks.ts'
import { type AddressedBlock, type AddressedSentence, addressBlocks } from './addresses.ts'
import type { KnownTexts } from './known-texts.ts'
import { rankPassages } from './passages.ts'

/** Characters `from` to `to` of a block's text; equal ones are a caret. */
export interface SelectedRange {
  block: string
  from: number
  to: number
}

export interface Target {
  blocks: readonly AddressedBlock[]
  /** To be worked on, in order. Everything, where nothing is selected. */
  selected: readonly AddressedBlock[]
  /** Addresses of the sentences among them. */
  sentences: ReadonlySet<string>
  /** Where text is inserted: behind this offset of this block; at the end where undefined. */
  caret: { block: AddressedBlock; offset: number } | undefined
}

export interface ContextOptions {
  target: Target
  instruction: string
  /** Tokens for the document. */
  budget: number
  /** What a block costs in tokens. */
  cost: (block: AddressedBlock) => number
  known?: KnownTexts
}

/** Blocks on both sides of what is worked on that always come along. */
const AROUND = 2
const OPENING_TOKENS = 200
/** What the nearest blocks may take of the rest, so that passages from afar have room too. */
const NEAREST_SHARE = 0.7

/** Resolves a selection. A caret, or a selection of nothing, means its whole block. */
export function resolveTarget(
  blocks: readonly Block[],
  selection: readonly SelectedRange[],
  known?: KnownTexts,
): Target {
  const addressed = addressBlocks(blocks, known)
  const byId = new Map(addressed.map((one) => [one.block.id, one]))
  const ranges = selection.flatMap(({ block, from, to }) => {
    const found = byId.get(block)
    return found ? [{ block: found, from, to }] : []
  })
  const last = ranges.at(-1)
  const caret = last && { block: last.block, offset: last.to }
  if (ranges.length === 0) {
    const sentences = addressed.flatMap((block) => block.sentences)
    return { blocks: addressed, selected: addressed, sentences: addressesOf(sentences), caret }
  }
  // A selection that runs over several blocks has empty ends in those it only touches.
  const wide = ranges.filter(({ from, to }) => from < to)
  const used = wide.length > 0 ? wide : ranges
  const chosen = used.flatMap(({ block, from, to }) =>
    block.sentences.filter((one) => from === to || (one.from < to && one.to > from)),
  )
  const selected = new Set(used.map(({ block }) => block))
  return {
    blocks: addressed,
    selected: addressed.filter((block) => selected.has(block)),
    sentences: addressesOf(chosen),
    caret,
  }
}

const addressesOf = (sentences: readonly AddressedSentence[]): Set<string> =>
  new Set(sentences.map(({ address }) => address))

/** The blocks to show, by their place in the document. What is worked on comes before all else. */
export function chooseContext(options: ContextOptions): ReadonlySet<number> {
  const { blocks, selected, caret } = options.target
  const places = new Map(blocks.map((block, at) => [block, at]))
  const centre = selected.length === blocks.length && caret ? [caret.block] : selected
  const core = centre.map((block) => places.get(block)!)
  const first = core[0] ?? blocks.length - 1
  const last = core.at(-1) ?? blocks.length - 1
  const chosen = new Choice(options)

  for (const at of core) chosen.add(at)
  for (let step = 1; step <= AROUND; step++) chosen.add(first - step, last + step)
  blocks.forEach(({ block }, at) => {
    if (block.type === 'heading') chosen.add(at)
  })
  for (let at = 0, left = OPENING_TOKENS; at < blocks.length && left > 0; at++) {
    left -= options.cost(blocks[at]!)
    chosen.add(at)
  }
  const outward = Array.from({ length: blocks.length }, (_, step) => [first - step, last + step])
  const reserve = chosen.left * (1 - NEAREST_SHARE)
  for (const pair of outward) if (chosen.left > reserve) chosen.add(...pair)
  const query = `${options.instruction} ${core.map((at) => blocks[at]!.text).join(' ')}`
  const texts = blocks.map(({ text }) => text)
  for (const at of rankPassages(texts, query, options.known)) chosen.add(at)
  for (const pair of outward) chosen.add(...pair)
  return chosen.places
}

/** With less no block is worth looking at. */
const LEAST_TOKENS = 4

/** Of thousands of blocks none is worth looking for that is small enough. */
const MOST_REFUSED = 200

/** Adds blocks while they fit. */
class Choice {
  readonly places = new Set<number>()
  readonly #options: ContextOptions
  left: number
  /** Blocks in a row that were too large for what was left. */
  #refused = 0

  constructor(options: ContextOptions) {
    this.#options = options
    this.left = options.budget
  }

  add(...places: readonly number[]): void {
    for (const at of places) {
      if (this.left < LEAST_TOKENS || this.#refused >= MOST_REFUSED) return
      const block = this.#options.target.blocks[at]
      if (!block || this.places.has(at)) continue
      const cost = this.#options.cost(block)
      if (cost > this.left) {
        this.#refused++
        continue
      }
      this.#refused = 0
      this.left -= cost
      this.places.add(at)
    }
  }
}
