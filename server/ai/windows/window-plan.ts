/**
 * WindowPlan cuts an edit into windows, each so large that a model can read and answer it, and
 * remembers what has been asked.
 *
 * 1. What is done is never asked again, whatever people do to the document meanwhile: the plan
 *    works from the document as it is at each window, and goes on with the next block that is to do.
 *    Blocks that come in behind it, as accepted parts of the answer do, are not asked for.
 * 2. A window is some blocks, or some sentences of a block that is too large for one.
 * 3. It always ends: a block or sentence that no window can hold, or that is asked twice in vain, is
 *    passed over and counted.
 */
import { NO_PROGRESS, type Progress } from '#server/store/run-progress.ts'
import { type AddressedBlock, type AddressedSentence, itemAt, offsetOf } from '../addresses.ts'
import type { Target } from '../context.ts'
import { estimateTokens } from '../tokens.ts'

export interface WindowLimits {
  /** Tokens of the document that one request may be about. */
  text: number
  /** Tokens of an answer for one token of text, at most as a rule. */
  growth: number
  /** Tokens of an answer. */
  answer: number
}

export interface Window {
  /** What of the target is to be worked on. */
  target: Target
  /** Some sentences of one block that is too large as a whole, and whether its last ones. */
  part: 'none' | 'some' | 'last'
}

/** Models lose count of more addresses in one answer. */
const MOST_BLOCKS = 40
const ADDRESS_TOKENS = 8
/** So many of the last and the next blocks are remembered: any of them may be deleted meanwhile. */
const REMEMBERED = 8
/** A block that is asked for so often in vain is passed over. */
const MOST_ATTEMPTS = 2

export class WindowPlan {
  readonly #limits: WindowLimits
  #progress: Progress
  /** All of the target, and what of it is still to do, as they were at the last window. */
  #target: Target | undefined
  #todo: readonly AddressedBlock[] = []
  #window: Window | undefined
  /** Blocks of the window that are done. */
  #doneHere = 0
  #moved = false
  #attempts = 0
  /** So many blocks are asked for one by one: together nobody could tell their answers apart. */
  #alone = 0
  /** A block that is asked for by its sentences, since all of it was too much for an answer. */
  #parted: string | undefined
  /** What one request holds shrinks where the model's window is smaller than it is said to be. */
  #share = 1

  constructor(limits: WindowLimits, progress: Progress = NO_PROGRESS) {
    this.#limits = limits
    this.#progress = progress
  }

  get progress(): Progress {
    return this.#progress
  }

  /** The last window has brought it further. */
  get hasMoved(): boolean {
    return this.#moved
  }

  /** The next window of the document as it is; undefined where all has been asked. */
  next(target: Target): Window | undefined {
    this.#target = target
    this.#todo = this.#toDo(target)
    this.#doneHere = 0
    const [half] = this.#todo
    if (half && this.#begunIn(half) === undefined) {
      this.#todo = this.#todo.slice(1)
      this.#progress = { ...this.#progress, missed: this.#progress.missed + 1, within: null }
    }
    const { done, missed } = this.#progress
    this.#progress = { ...this.#progress, of: done + missed + this.#todo.length, next: this.#next }
    const [first] = this.#todo
    this.#moved = false
    this.#window = first && this.#windowFrom(target, first)
    return this.#window
  }

  /**
   * The answer has come to these addresses and left them: all before them in the window is done.
   * `every`: what it left out on its way was forgotten, and not found good as it is.
   */
  answered(addresses: ReadonlySet<string>, { every }: { every: boolean }): void {
    const blocks = this.#window?.target.selected ?? []
    const names = [...addresses].map((address) => address.split('.')[0])
    // The last block may have sentences to come.
    const last = Math.max(
      -1,
      ...names.map((name) => blocks.findIndex((one) => one.address === name)),
    )
    if (last < 0) return
    const whole = addresses.has(blocks[last]!.address)
    const known = new Set(names)
    this.#finishTo(whole ? last + 1 : last, ({ address }) => !every || known.has(address))
    if (!whole) this.#partOf(blocks[last]!, addresses)
  }

  /**
   * The model has said all that it has to say of the window. `every`: a block behind the last one
   * that it came to was forgotten, and not found good as it is.
   */
  finished({ every }: { every: boolean }): void {
    const { target, part } = this.#window ?? {}
    if (!target) return
    const [block] = target.selected
    if (part === 'some' && block) {
      const last = block.sentences.findLast(({ address }) => target.sentences.has(address))
      if (last) this.#reach(block, last)
      return
    }
    if (every && part === 'none' && this.#doneHere < target.selected.length) this.brokeOff()
    else this.#finishTo(target.selected.length)
  }

  /** Its answer was too long, or broke off: what is left of it is asked for again, if that may help. */
  brokeOff(): void {
    if (this.#moved) {
      this.#attempts = 0
      return
    }
    this.#attempts++
    if (this.#attempts < MOST_ATTEMPTS) return
    this.#attempts = 0
    const { target, part } = this.#window ?? {}
    const [block, another] = target?.selected ?? []
    if (another) this.#alone = 1
    else if (part === 'none' && block && block.sentences.length > 1) this.#parted = block.block.id
    else this.#passOver()
  }

  /** Nobody can say what its answer is about: each of its blocks is asked for alone. */
  unclear(): void {
    const count = this.#window?.target.selected.length ?? 0
    if (count > 1) this.#alone = count
    else this.#passOver()
  }

  /** The model cannot read so much. False where it can read no less. */
  tooLarge(): boolean {
    if (this.#share < 0.1) return false
    this.#share /= 2
    return true
  }

  #passOver(): void {
    this.#finishTo(this.#doneHere + 1, () => false)
  }

  /** The first blocks of the window are behind us, up to this number of them. */
  #finishTo(count: number, isDone: (block: AddressedBlock) => boolean = () => true): void {
    const blocks = this.#window?.target.selected.slice(this.#doneHere, count) ?? []
    this.#doneHere = Math.max(this.#doneHere, count)
    this.#alone = Math.max(0, this.#alone - blocks.length)
    for (const one of blocks) {
      this.#moved = true
      const { done, missed, after } = this.#progress
      this.#progress = {
        ...this.#progress,
        ...(isDone(one) ? { done: done + 1 } : { missed: missed + 1 }),
        after: [...after, one.block.id].slice(-REMEMBERED),
        next: this.#next,
        within: null,
      }
    }
  }

  /** The first of what is to do behind what is done of the window. */
  get #next(): string[] {
    return this.#todo
      .slice(this.#doneHere, this.#doneHere + REMEMBERED)
      .map(({ block }) => block.id)
  }

  #partOf(block: AddressedBlock, addresses: ReadonlySet<string>): void {
    const last = block.sentences.findLast(({ address }) => addresses.has(address))
    if (last) this.#reach(block, last)
  }

  /** The sentences of a block are done up to this one. */
  #reach(one: AddressedBlock, last: AddressedSentence): void {
    const { block } = one
    const marked = meantOf(this.#target, one)
    const later = marked.filter(({ from }) => from > last.from)
    const place = this.#window?.target.selected.indexOf(one) ?? -1
    if (later.length === 0) return this.#finishTo(place + 1)
    const starts = later.slice(0, REMEMBERED).flatMap(({ from }) => itemAt(block, from) ?? [])
    const before = this.#progress.within
    if (JSON.stringify(before?.starts) !== JSON.stringify(starts)) this.#moved = true
    this.#progress = { ...this.#progress, within: { block: block.id, starts } }
  }

  /** Blocks with something to work on, from the next one that is to do. */
  #toDo({ blocks, selected }: Target): AddressedBlock[] {
    const { done, missed, next, after } = this.#progress
    const places = new Map(blocks.map(({ block }, at) => [block.id, at]))
    const placeOf = (id: string) => places.get(id) ?? -1
    const hasBegun = done + missed > 0
    if (hasBegun && next.length === 0) return []
    const nearest = next.map(placeOf).find((at) => at >= 0)
    const last = Math.max(-1, ...after.map(placeOf))
    // Where nothing is left of what surrounds it, beginning again would do twice what is done.
    if (hasBegun && nearest === undefined && last < 0) return []
    const from = nearest ?? last + 1
    return selected.filter(({ block, text }) => placeOf(block.id) >= from && text.trim() !== '')
  }

  #windowFrom(target: Target, first: AddressedBlock): Window {
    const budget = this.#budget()
    const begun = this.#begunIn(first) ?? 0
    const isLarge = costOf(first) > budget || this.#parted === first.block.id
    if (begun > 0 || (isLarge && first.sentences.length > 0))
      return this.#partFrom(target, first, begun, budget)
    const selected: AddressedBlock[] = []
    let left = budget
    const most = this.#alone > 0 ? 1 : MOST_BLOCKS
    for (const block of this.#todo) {
      left -= costOf(block)
      if (selected.length > 0 && (left < 0 || selected.length >= most)) break
      selected.push(block)
    }
    return { target: narrowed(target, selected), part: 'none' }
  }

  /** As many sentences as fit, behind those that are done. */
  #partFrom(target: Target, block: AddressedBlock, begun: number, budget: number): Window {
    const sentences = meantOf(target, block).filter(({ from }) => from >= begun)
    const chosen = new Set<string>()
    let left = budget
    for (const { address, text } of sentences) {
      left -= estimateTokens(text) + ADDRESS_TOKENS
      if (chosen.size > 0 && (left < 0 || chosen.size >= MOST_BLOCKS)) break
      chosen.add(address)
    }
    const part = sentences.at(-1) && chosen.has(sentences.at(-1)!.address) ? 'last' : 'some'
    return { target: { ...narrowed(target, [block]), sentences: chosen }, part }
  }

  /** Up to where a block is done; undefined where nothing is left of the sentences that were next. */
  #begunIn({ block }: AddressedBlock): number | undefined {
    const { within } = this.#progress
    if (within?.block !== block.id) return 0
    for (const { client, clock } of within.starts) {
      const at = offsetOf(block, client, clock)
      if (at !== undefined) return at
    }
    return undefined
  }

  #budget(): number {
    const { text, answer, growth } = this.#limits
    return Math.max(1, Math.min(text, answer / growth) * this.#share)
  }
}

/** The sentences of a block that are to be worked on. */
const meantOf = (target: Target | undefined, { sentences }: AddressedBlock): AddressedSentence[] =>
  sentences.filter(
    ({ address }) => !target || target.sentences.size === 0 || target.sentences.has(address),
  )

const costOf = ({ text }: AddressedBlock): number => estimateTokens(text) + ADDRESS_TOKENS

function narrowed(target: Target, selected: readonly AddressedBlock[]): Target {
  const own = new Set(selected.flatMap(({ sentences }) => sentences.map(({ address }) => address)))
  const sentences = new Set([...target.sentences].filter((address) => own.has(address)))
  return { ...target, selected, sentences }
}
