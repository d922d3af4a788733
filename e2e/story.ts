/**
 * Story begins and ends the stories in the browser. Most are told with `studio`, on a server that
 * all stories of a Playwright worker share; one that needs settings of its own, or breaks something
 * for good, asks for a server of its own with `ownStudio`.
 */
import { test as base } from '@playwright/test'
import { Studio } from './people.ts'
import { Workplace, type WorkplaceOptions } from './workplace.ts'

/** A cluster begins with a database, two servers and a proxy. */
const OPENING_MS = 300_000

interface Story {
  studio: Studio
  /** Closed with the story. */
  ownStudio: (options?: WorkplaceOptions) => Promise<Studio>
}

export const test = base.extend<Story, { workplace: Workplace }>({
  workplace: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs off its parameter
    async ({}, use) => {
      const workplace = await Workplace.open()
      await use(workplace)
      await workplace.close()
    },
    { scope: 'worker', timeout: OPENING_MS },
  ],
  studio: async ({ browser, workplace }, use) => {
    const studio = new Studio(browser, workplace)
    await use(studio)
    await studio.close()
    await workplace.reset()
  },
  ownStudio: async ({ browser }, use) => {
    const opened: { close(): Promise<void> }[] = []
    await use(async (options) => {
      const workplace = await Workplace.open(options)
      const studio = new Studio(browser, workplace)
      opened.push(workplace, studio)
      return studio
    })
    for (const one of opened.reverse()) await one.close()
  },
})
