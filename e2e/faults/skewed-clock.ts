/**
 * Preloaded into a process to break its clock: `Date` is off by what FAULT_CLOCK names. `+1d`,
 * `-1d`, or `jump`, which is ten seconds forth and back every second. Monotonic time stays right.
 */
const DAY_MS = 86_400_000
const JUMP_MS = 10_000
const how = process.env.FAULT_CLOCK ?? ''
const Right = globalThis.Date
const monotonic = performance.now.bind(performance)

function offset(): number {
  if (how === '+1d') return DAY_MS
  if (how === '-1d') return -DAY_MS
  if (how !== 'jump') return 0
  return Math.floor(monotonic() / 1000) % 2 === 0 ? JUMP_MS : -JUMP_MS
}

class SkewedDate extends Right {
  constructor(...given: [] | [string | number | Date]) {
    if (given.length === 0) super(SkewedDate.now())
    else super(...given)
  }
  static override now(): number {
    return Right.now() + offset()
  }
}
globalThis.Date = SkewedDate as DateConstructor

export type { SkewedDate }
