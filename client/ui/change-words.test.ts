import { expect, test } from 'vitest'
import type { ChangePart } from '#client/session/changes/change-parts.ts'
import { changesOf, changeWords } from './change-words.ts'

const del = (text: string, apart = false): ChangePart => ({ op: 'del', text, apart })
const ins = (text: string, apart = false): ChangePart => ({ op: 'ins', text, apart })

test('[P2] case 30.17: a change is named by what is struck and what is written in its place', () => {
  expect(changeWords([del('Their'), ins('There'), del('and ', true)])).toBe(
    'replace Their by There; delete and',
  )
  expect(changeWords([del('and ')])).toBe('delete and')
  expect(changeWords([ins('A new sentence.')])).toBe('A new sentence.')
  expect(changeWords([ins('so'), ins(',', true)])).toBe('insert so; insert ,')
  expect(changeWords([del('a '), ins(' b', true)])).toBe('delete a; insert b')
  expect(changeWords([ins('new'), del('old')])).toBe('insert new; delete old')
  expect(changeWords([del('plan'), ins('plan')])).toBe('change the format of plan')
  expect(changeWords([del('x'), ins(' ', true)])).toBe('delete x; insert a space')
  expect(changeWords([])).toBe('')
})

test('[Y23] words that stay between two changes are read where they are few, and nothing is left out where nothing stands', () => {
  const line = (parts: ChangePart[]) =>
    changesOf(parts)
      .map(({ deleted, inserted, apart, between = ' … ' }, n) =>
        [
          n > 0 ? (apart ? between : ' ') : '',
          deleted && `-${deleted}`,
          inserted && `+${inserted}`,
        ].join(''),
      )
      .join('')
  const after = (kept: string, part: ChangePart): ChangePart => ({ ...part, apart: true, kept })

  expect(line([del('Their '), after('plan', ins(' today'))])).toBe('-Their plan +today')
  expect(line([del('a'), after(', ', ins('b'))])).toBe('-a, +b')
  expect(line([ins('new '), del('old')])).toBe('+new -old')
  expect(line([del('a'), ins('b'), del('c'), ins('d', true)])).toBe('-a+b -c … +d')
})
