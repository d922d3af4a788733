/** PROTOCOL.md and the tests hold each other: every rule is shown by a test, every test by a rule. */
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const RULE = /^- \*\*([A-Z]\d+)\*\* /gm
const TEST = /[`'"]\[([A-Z]\d+)\] /g

const rules = [...readFileSync('shared/PROTOCOL.md', 'utf8').matchAll(RULE)].map(([, id]) => id!)
const files = globSync([
  '{client,server,shared,e2e}/**/*.{test,spec,contract}.{ts,tsx}',
  'server/store/contract/*.ts',
])
const shown = new Map<string, string[]>()
for (const file of files) {
  for (const [, id] of readFileSync(file, 'utf8').matchAll(TEST)) {
    shown.set(id!, [...(shown.get(id!) ?? []), file])
  }
}

test('[W4] every rule has one number', () => {
  const twice = rules.filter((id, index) => rules.indexOf(id) !== index)
  expect(twice).toEqual([])
})

test('[W5] every rule is shown by a test', () => {
  expect(rules.filter((id) => !shown.has(id))).toEqual([])
})

test('[W6] every test shows a rule', () => {
  expect([...shown.keys()].filter((id) => !rules.includes(id))).toEqual([])
})
