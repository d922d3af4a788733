import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { DISABLED_FEATURES } from './chromium.ts'

const LIST = /disabledFeatures = \[([^\]]*)\]/

test('[Y21] the browser of the stories leaves off what Playwright’s own switch would', () => {
  const playwright = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'))
  const [, list = ''] = LIST.exec(readFileSync(join(playwright, 'lib/coreBundle.js'), 'utf8')) ?? []
  const theirs = [...list.matchAll(/^\s*"(\w+)"/gm)].map(([, feature]) => feature)

  expect(theirs).toContain('PaintHolding')
  expect(DISABLED_FEATURES).toEqual(expect.arrayContaining(theirs))
})
