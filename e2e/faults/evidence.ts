/** What a scenario has seen: figures for the table, and each invariant's verdict with its reasons. */

export const INVARIANTS = {
  I1: 'an acknowledged insert is in the log, or a delete of it was made',
  I2: 'an acknowledged delete is in the log',
  I3: 'no word twice',
  I4: 'no word that nobody wrote',
  I5: 'clients, instances and the log have the same document',
  I6: 'nothing pending in the log',
  I7: 'sequences without a gap, sums right, snapshots equal to the log',
  I8: 'nobody saw what is not committed',
  I9: 'each token of a run at most once and in order',
  I10: 'rejected text is gone, accepted text stays, a broken run is a prefix',
  I11: 'one decision wins',
  I12: 'lane ids without gap or repeat, one terminal event a run',
  I13: '"saved" holds at every moment, read from the database alone',
  I14: 'no unhandled error, sockets and rooms back to none',
  I15: 'memory within bounds',
  I16: 'no row by whom may not write',
} as const
export type Invariant = keyof typeof INVARIANTS

/** Enough of a fault to find it; the rest is more of the same. */
const REASONS = 5

export class Evidence {
  readonly figures: string[] = []
  /** What the scenario itself expected and did not see. */
  readonly failures: string[] = []
  readonly #late: string[] = []
  readonly #held = new Map<Invariant, number>()
  readonly #broken = new Map<Invariant, string[]>()

  figure(name: string, value: number | string, unit = ''): void {
    const shown = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(1) : value
    this.figures.push(`${name} ${shown}${unit && ` ${unit}`}`)
  }

  /** An expectation of this scenario alone. */
  expect(sentence: string, holds: boolean): void {
    if (!holds) this.failures.push(sentence)
  }

  /** An expectation that takes a machine with time: missed, it is worth another look. */
  inTime(sentence: string, holds: boolean): void {
    this.expect(sentence, holds)
    if (!holds) this.#late.push(sentence)
  }

  /** One look at an invariant; `reasons` empty where it holds. */
  invariant(name: Invariant, reasons: readonly string[]): void {
    if (reasons.length === 0) {
      this.#held.set(name, (this.#held.get(name) ?? 0) + 1)
      return
    }
    const known = this.#broken.get(name) ?? []
    this.#broken.set(name, [...known, ...reasons].slice(0, REASONS))
  }

  /** Those that were looked at and held. */
  get held(): Invariant[] {
    return ALL.filter((name) => this.#held.has(name) && !this.#broken.has(name))
  }
  get broken(): [Invariant, string[]][] {
    return ALL.flatMap((name) => {
      const reasons = this.#broken.get(name)
      return reasons ? [[name, reasons] as [Invariant, string[]]] : []
    })
  }
  /** Nothing is wrong but what took too long. */
  get isMerelyLate(): boolean {
    const wrong = this.failures.filter(
      (it) => !it.startsWith('its log') && !this.#late.includes(it),
    )
    return this.#late.length > 0 && wrong.length === 0 && this.#broken.size === 0
  }
  get holds(): boolean {
    return this.failures.length === 0 && this.#broken.size === 0
  }
}

const ALL = Object.keys(INVARIANTS) as Invariant[]

/** The pth percentile, p from 0 to 1; 0 of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0
}
