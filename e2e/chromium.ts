/** Debian's Chromium as every story and every measurement starts it: without a screen, by itself. */
import { findNeeds } from './needs.ts'

export function chromiumOptions() {
  return {
    executablePath: process.env.GLOSS_TEST_CHROMIUM ?? findNeeds().chromium,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  }
}
