/**
 * The gate of late words: random histories of three people, and what became of each character. What
 * cannot be told exactly is a number here that may only fall; `FUZZ_HISTORIES=200` plays more.
 */
import { expect, test } from 'vitest'
import {
  changeType,
  eraseAcrossBlocks,
  indent,
  makeItem,
  outdent,
} from '#server/testing/restructuring.ts'
import { type Action, enter, erase, merge, type } from '#server/testing/typing.ts'
import { type Account, playLate } from './testing/late-history.ts'

const HISTORIES = Number(process.env.FUZZ_HISTORIES ?? 12)

const KINDS: [string, readonly Action[], Partial<Account>][] = [
  ['Enter and merging', [type, type, type, enter, enter, merge], {}],
  [
    'changes of type, and deletions',
    [type, type, enter, merge, changeType, erase, eraseAcrossBlocks],
    { back: 2 },
  ],
  ['items', [type, type, enter, merge, changeType, erase, makeItem, indent, outdent], {}],
]

for (const [title, actions, limits] of KINDS) {
  test(`[M15] of what three people type, take along and delete at once each letter is there once: ${title}`, () => {
    const sum: Account = { typed: 0, lost: 0, doubled: 0, back: 0, rescued: 0, apart: 0 }
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const one = playLate(seed, actions)
      for (const key of Object.keys(sum) as (keyof Account)[]) sum[key] += one[key]
    }
    if (process.env.FUZZ_HISTORIES) process.stdout.write(`${title}: ${JSON.stringify(sum)}\n`)
    expect(sum.typed).toBeGreaterThan(HISTORIES)
    expect({ lost: sum.lost, apart: sum.apart }).toEqual({ lost: 0, apart: 0 })
    expect(sum.doubled).toBeLessThanOrEqual(limits.doubled ?? 0)
    expect(sum.back).toBeLessThanOrEqual(limits.back ?? 0)
  })
}
