import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FilterRule, OutputFilter, SECRETS } from './output-filter.ts'

const RULES: FilterRule[] = [...SECRETS, { name: 'phrase', start: 'Project Osprey', word: true }]
const KEY = `sk-${'a1B2'.repeat(8)}`

function filter(text: string, cuts: readonly number[] = []) {
  const filter = new OutputFilter(RULES)
  let out = ''
  let from = 0
  for (const size of cuts) {
    out += filter.push(text.slice(from, from + size))
    from += size
  }
  out += filter.push(text.slice(from)) + filter.end()
  return { out, hits: filter.hits }
}

test('[A41] a secret is taken out, and what only looks like its beginning is not', () => {
  expect(filter(`key ${KEY} end`)).toEqual({ out: 'key ████████ end', hits: ['model-key'] })
  expect(filter('AKIAIOSFODNN7EXAMPLE, AKIA short').out).toBe('████████, AKIA short')
  expect(filter('-----BEGIN RSA PRIVATE KEY-----\nx').out).toBe('████████\nx')
  expect(filter('project osprey. Project Ospreys').out).toBe('████████. Project Ospreys')
  const harmless = 'desk-top sk-short ok, task-force, ends with sk-'
  expect(filter(harmless)).toEqual({ out: harmless, hits: [] })
})

test('[A41] nothing is held back that can no longer become a secret', () => {
  const filter = new OutputFilter()

  expect(filter.push('an ask- and a s')).toBe('an ask- and a ')
  expect(filter.push('k')).toBe('')
  expect(filter.push('i trip')).toBe('ski trip')
})

const part = fc.constantFrom(
  KEY,
  'sk-',
  'sk-ab',
  'AKIAIOSFODNN7EXAMPLE',
  'AKIA',
  'ghp_',
  'A',
  'x',
  ' ',
  'Project Osprey',
  'project ',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN ',
  '-',
  'ask-',
  'AIza',
  '😀',
  's',
)

test('[A42] the same answer gives the same output however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 60 }),
      (text, cuts) => {
        expect(filter(text, cuts)).toEqual(filter(text))
      },
    ),
    { numRuns: 500 },
  )
})
