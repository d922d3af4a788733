/**
 * WordDiff aligns a new text with an old one, word by word, so that long equal runs stay together
 * and no operation ends inside a word.
 */

export type DiffOp =
  | { kind: 'keep' | 'delete'; from: number; to: number }
  | { kind: 'insert'; text: string }

const KEEP = 1
const DELETE = -0.9
const INSERT = -0.35
/** Words, spaces and single marks. */
const TOKENS = /[\p{L}\p{N}\p{M}'’_-]+|\s+|[^\p{L}\p{N}\p{M}\s]/gu
/** Texts of a thousand words each; beyond, what differs is replaced as a whole. */
const MOST_CELLS = 4_000_000

const split = (text: string): string[] => text.match(TOKENS) ?? []

function weight(token: string): number {
  if (/^\s/u.test(token)) return 0.25
  return /[\p{L}\p{N}]/u.test(token) ? 1 + Math.min(1, token.length / 8) : 0.4
}

/** The way from the old text to the new one, in order; between two kept parts, deletions first. */
export function diffWords(old: string, text: string): DiffOp[] {
  const [from, to] = [split(old), split(text)]
  let start = 0
  while (start < from.length && start < to.length && from[start] === to[start]) start++
  let end = 0
  const most = Math.min(from.length, to.length) - start
  while (end < most && from.at(-1 - end) === to.at(-1 - end)) end++
  const middle = aligned(from.slice(start, from.length - end), to.slice(start, to.length - end))
  const steps = [...Array<Step>(start).fill('keep'), ...middle, ...Array<Step>(end).fill('keep')]
  return joined(steps, from, to)
}

type Step = DiffOp['kind']

function aligned(old: readonly string[], fresh: readonly string[]): Step[] {
  const width = old.length + 1
  if (width * fresh.length > MOST_CELLS) return [...old.map(gone), ...fresh.map(come)]
  /** The last step on the best way to each pair of places. */
  const last = new Uint8Array(width * (fresh.length + 1))
  let before = Float64Array.from({ length: width }, (_, used) => used * DELETE)
  let runsBefore = new Int32Array(width)
  last.fill(DELETED, 1, width)
  for (const [n, token] of fresh.entries()) {
    const row = (n + 1) * width
    const scores = new Float64Array(width)
    const runs = new Int32Array(width)
    scores[0] = before[0]! + INSERT
    last[row] = INSERTED
    for (let used = 1; used < width; used++) {
      const inserted = before[used]! + INSERT
      const deleted = scores[used - 1]! + DELETE
      let best = Math.max(inserted, deleted)
      last[row + used] = inserted >= deleted ? INSERTED : DELETED
      if (old[used - 1] === token) {
        const run = runsBefore[used - 1]! + 1
        runs[used] = run
        const kept = before[used - 1]! + KEEP * weight(token) * Math.min(4, 1 + run / 4)
        if (kept >= best) {
          best = kept
          last[row + used] = KEPT
        }
      }
      scores[used] = best
    }
    before = scores
    runsBefore = runs
  }
  return walkedBack(last, width, old.length, fresh.length)
}

const DELETED = 1
const INSERTED = 2
const KEPT = 3

function walkedBack(last: Uint8Array, width: number, used: number, taken: number): Step[] {
  const steps: Step[] = []
  let [left, made] = [used, taken]
  while (left > 0 || made > 0) {
    const step = last[made * width + left]
    if (step !== INSERTED) left--
    if (step !== DELETED) made--
    steps.push(step === KEPT ? 'keep' : step === INSERTED ? 'insert' : 'delete')
  }
  return steps.reverse()
}

const gone = (): Step => 'delete'
const come = (): Step => 'insert'

/** Equal steps in a row as one operation. */
function joined(steps: readonly Step[], old: readonly string[], fresh: readonly string[]) {
  const ops: DiffOp[] = []
  let [at, used, made] = [0, 0, 0]
  let inserted = ''
  const flush = () => {
    if (inserted !== '') ops.push({ kind: 'insert', text: inserted })
    inserted = ''
  }
  for (const kind of steps) {
    if (kind === 'insert') {
      inserted += fresh[made++]!
      continue
    }
    if (kind === 'keep') {
      flush()
      made++
    }
    const to = at + old[used++]!.length
    const last = ops.at(-1)
    if (last?.kind === kind) last.to = to
    else ops.push({ kind, from: at, to })
    at = to
  }
  flush()
  return ops
}

/** How many characters both texts begin with, in whole words. */
export function commonWords(old: string, text: string): number {
  let common = 0
  while (common < old.length && common < text.length && old[common] === text[common]) common++
  const inWord = (value: string) => /^[\p{L}\p{N}\p{M}'’_-]{2}$/u.test(value)
  while (
    common > 0 &&
    (inWord(old.slice(common - 1, common + 1)) || inWord(text.slice(common - 1, common + 1)))
  )
    common--
  // Never between the halves of one character.
  return /[\uD800-\uDBFF]/.test(old[common - 1] ?? '') ? common - 1 : common
}
