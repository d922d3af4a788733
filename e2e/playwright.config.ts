import { defineConfig } from '@playwright/test'
import { chromiumOptions } from './chromium.ts'
import { onCluster } from './topology.ts'

/** What one page does by itself is the same on any number of instances: it is told on one. */
const ONE_PAGE = [
  'deleted.spec.ts',
  'manners.spec.ts',
  'offline.spec.ts',
  'page/**',
  'rewrites/**',
  'shared-text/composition.spec.ts',
  'shared-text/links.spec.ts',
  'shared-text/reload.spec.ts',
  'shared-text/undo.spec.ts',
  'toolbar.spec.ts',
]
/** Stories that break the embedded database, or look at a proxy of their own. */
const ONE_INSTANCE = ['restore.spec.ts', 'diagnose.spec.ts']

/** Debian's Chromium; two people at work are two contexts of one browser. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  testIgnore: onCluster ? [...ONE_INSTANCE, ...ONE_PAGE] : ['cluster/**'],
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
