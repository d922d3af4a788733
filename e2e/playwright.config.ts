import { defineConfig } from '@playwright/test'
import { chromiumOptions } from './chromium.ts'
import { onCluster } from './topology.ts'

/** Debian's Chromium; two people at work are two contexts of one browser. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  // What crosses instances is told on two of them as well, and says so by this tag. What a page does
  // by itself is the same on any number of them: it is told on one.
  ...(onCluster ? { grep: /@cluster\b/ } : { testIgnore: ['cluster/**'] }),
  // Generous, as a machine may be slow or crowded: whoever waits in vain waits only once.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // Stories mostly wait, for a page or for time to pass: two cores have room for three.
  workers: 3,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  outputDir: '../test-results',
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['list'], ['json']] : [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    trace: 'off',
    launchOptions: chromiumOptions(),
  },
})
