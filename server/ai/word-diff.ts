/**
 * A word diff against a known text while the new one is still arriving: keep, delete and insert
 * come in order and are never revoked. An alignment scored so that long equal runs win, and old
 * words are not given up before they must be.
 */

export type DiffOp =
  | { kind: 'keep' | 'delete'; from: number; to: number }
  | { kind: 'insert'; text: string }

const KEEP = 1
const DELETE = -0.9
const INSERT = -0.35
/** Words, spaces and single marks: no operation ends inside a word. */
const TOKENS = /[\p{L}\p{N}\p{M}'’_-]+|\s+|[^\p{L}\p{N}\p{M}\s]/gu

const split = (text: string): string[] => text.match(TOKENS) ?? []

function weight(token: string): number {
  if (/^\s/u.test(token)) return 0.25
  return /[\p{L}\p{N}]/u.test(token) ? 1 + Math.min(1, token.length / 8) : 0.4
}

export class WordDiff {
  readonly #old: readonly string[]
  /** Offset of each old token, and of the end. */
  readonly #offsets: readonly number[]
  /** New tokens behind the last settled one. */
  #fresh: string[] = []
  #partial = ''
  /** Old tokens that are settled. */
  #settled = 0
  /** Scores for each number of old tokens used: one column a fresh token, from the settled one. */
  #columns: Float64Array[]
  /** For each old token: how long an equal run ends there. */
  #runs: Int32Array

  constructor(old: string) {
    this.#old = split(old)
    const offsets = [0]
    for (const token of this.#old) offsets.push(offsets.at(-1)! + token.length)
    this.#offsets = offsets
    this.#columns = [Float64Array.from(offsets, (_, used) => used * DELETE)]
    this.#runs = new Int32Array(offsets.length)
  }

  /** The operations that these characters settle. */
  push(text: string): DiffOp[] {
    const tokens = split(this.#partial + text)
    this.#partial = tokens.pop() ?? ''
    for (const token of tokens) this.#score(token)
    return tokens.length > 0 ? this.#settle(false) : []
  }

  /** The rest; the old text that is left is deleted. */
  end(): DiffOp[] {
    for (const token of split(this.#partial)) this.#score(token)
    this.#partial = ''
    return this.#settle(true)
  }

  #score(token: string): void {
    const before = this.#columns.at(-1)!
    const column = new Float64Array(before.length)
    const runs = new Int32Array(before.length)
    column[0] = before[0]! + INSERT
    for (let used = 1; used < before.length; used++) {
      let best = Math.max(before[used]! + INSERT, column[used - 1]! + DELETE)
      if (this.#old[used - 1] === token) {
        const run = this.#runs[used - 1]! + 1
        runs[used] = run
        best = Math.max(best, before[used - 1]! + KEEP * weight(token) * Math.min(4, 1 + run / 4))
      }
      column[used] = best
    }
    this.#fresh.push(token)
    this.#columns.push(column)
    this.#runs = runs
  }

  /** Walks back from the best place reached, and settles everything up to it. */
  #settle(final: boolean): DiffOp[] {
    const reached = this.#columns.at(-1)!
    let used = final ? this.#old.length : this.#bestPlace(reached)
    const end = used
    let taken = this.#fresh.length
    const steps: { kind: DiffOp['kind']; old: number; token: string }[] = []
    while (used > this.#settled || taken > 0) {
      const kind = this.#lastStep(used, taken)
      if (kind !== 'insert') used--
      if (kind !== 'delete') taken--
      steps.push({ kind, old: used, token: this.#fresh[taken] ?? '' })
    }
    this.#settled = end
    this.#fresh = []
    this.#columns = [reached]
    return this.#joined(steps.reverse())
  }

  #bestPlace(column: Float64Array): number {
    let best = this.#settled
    for (let used = this.#settled; used < column.length; used++)
      if (column[used]! > column[best]!) best = used
    return best
  }

  #lastStep(used: number, taken: number): DiffOp['kind'] {
    const column = this.#columns[taken]!
    const before = this.#columns[taken - 1]
    const some = used > this.#settled
    const keep = some && before && this.#old[used - 1] === this.#fresh[taken - 1]
    const scores = {
      keep: keep ? before[used - 1]! : Number.NEGATIVE_INFINITY,
      insert: before ? before[used]! : Number.NEGATIVE_INFINITY,
      delete: some ? column[used - 1]! : Number.NEGATIVE_INFINITY,
    }
    if (scores.keep >= scores.insert && scores.keep >= scores.delete) return 'keep'
    return scores.insert >= scores.delete ? 'insert' : 'delete'
  }

  /** Equal steps in a row as one operation; between two kept parts, deletions come first. */
  #joined(steps: readonly { kind: DiffOp['kind']; old: number; token: string }[]): DiffOp[] {
    const ops: DiffOp[] = []
    let inserted = ''
    const flush = () => {
      if (inserted !== '') ops.push({ kind: 'insert', text: inserted })
      inserted = ''
    }
    for (const { kind, old, token } of steps) {
      if (kind === 'keep') flush()
      const last = ops.at(-1)
      if (kind === 'insert') inserted += token
      else if (last?.kind === kind) last.to = this.#offsets[old + 1]!
      else ops.push({ kind, from: this.#offsets[old]!, to: this.#offsets[old + 1]! })
    }
    flush()
    return ops
  }
}
