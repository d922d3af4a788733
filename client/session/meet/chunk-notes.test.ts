import { expect, test } from 'vitest'
import type { ChangePart } from '../changes/change-parts.ts'
import { withStrike } from './chunk-notes.ts'

const ins = (text: string, kept?: string): ChangePart => ({
  op: 'ins',
  text,
  apart: kept !== undefined,
  ...(kept !== undefined && { kept }),
})

test('[Y23] what a rival strikes as well does not read as if it stayed between its words', () => {
  const strike: ChangePart = { op: 'del', text: 'ought to consider', apart: false }
  const note = { rivals: ['r.1'], strikes: 'ought to consider' }

  expect(withStrike([ins('shall'), ins('think', ' to'), ins('of', ' consider')], note)).toEqual([
    strike,
    ins('shall think of'),
  ])
  expect(withStrike([ins('shall'), ins('soon', ' today, ')], note)).toEqual([
    strike,
    ins('shall'),
    ins('soon', ' today, '),
  ])
  expect(withStrike([ins('shall')], undefined)).toEqual([ins('shall')])
})
