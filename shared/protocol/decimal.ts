/** Whole numbers in queries and settings: decimal digits, and nothing else that JavaScript reads. */
import { z } from 'zod'

/** What `Number` would take for one as well: `0x10`, `1e2`, ` 7 `, and nothing for zero. */
const DIGITS = /^(?:0|[1-9]\d{0,15})$/

export const decimal = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value),
    z.int({ error: 'is no whole number in decimal digits' }).min(min).max(max),
  )
