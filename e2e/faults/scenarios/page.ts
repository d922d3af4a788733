/** F12 at a real page: a browser whose packets vanish has to notice by itself, and says so. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium } from '@playwright/test'
import { firstProgram } from '#e2e/needs.ts'
import type { Guest } from '#e2e/node-client.ts'
import { Person } from '#e2e/people.ts'
import playwright from '#e2e/playwright.config.ts'
import { body } from '#shared/document/shape.ts'
import { FaultProxy } from '../proxy.ts'
import { Impossible, type Scenario } from '../stage.ts'
import type { Place, World } from '../world.ts'
import { everybodyIn } from './people.ts'

const TELLS_MS = 4_000
const NOTICES_MS = 15_000
/** What a page says as long as it believes in its connection. */
const BELIEVES = /^(Saved|Saving)/

export const halfOpenPage: Scenario = {
  id: 'F12b',
  fault:
    'the connections of a page go dead while somebody types in it: packets vanish, their end too; new ones would come through',
  expected:
    'the page says ≤ 4 s that it is not saved, notices ≤ 15 s and saves by a new connection; nothing twice',
  async play(stage) {
    const world = await stage.world('sqlite', {
      documents: 1,
      people: 2,
      limits: { pingMs: 1_000, deadMs: 3_000 },
    })
    const [place] = world.places
    const [instance] = world.instances
    if (!place || !instance) throw new Error('an empty world')
    await using link = await FaultProxy.open({ targets: [instance.gloss.port], seed: stage.seed })
    const browser = await openBrowser()
    try {
      const context = await browser.newContext({ baseURL: link.url, reducedMotion: 'reduce' })
      const person = await comeIn(world, place, context, link.url)
      await stage.under(world, async () => {
        await everybodyIn(world)
        await world.work(1_000)
        const state = person.page.locator('.saved')
        await person.typeAtEnd(' Before it vanished.')
        await becomes(async () => (await state.textContent()) === 'Saved', 5_000)
        link.strand()
        const begin = performance.now()
        await person.page.keyboard.type(' Into the void.')
        const told = await becomes(
          async () => !BELIEVES.test((await state.textContent()) ?? ''),
          10_000,
        )
        const said = await state.textContent()
        const saved = await becomes(async () => (await state.textContent()) === 'Saved', 45_000)
        const text = body((await world.truth()).get(place.id)!.doc).toString()
        stage.evidence.figure('told after', (told - begin) / 1000, 's')
        stage.evidence.figure('it said', `“${said}”`)
        stage.evidence.figure('saved by another way after', (saved - begin) / 1000, 's')
        stage.evidence.expect('the page tells within 4 s', told - begin <= TELLS_MS)
        stage.evidence.expect('it has another way within 15 s', saved - begin <= NOTICES_MS)
        for (const words of ['Before it vanished.', 'Into the void.']) {
          const times = text.split(words).length - 1
          stage.evidence.expect(`“${words}” is there once, not ${times} times`, times === 1)
        }
        await context.close()
        // The server cannot know that the old ones are dead: their end did not pass.
        link.reset()
      })
    } finally {
      await browser.close()
    }
  },
}

function openBrowser(): Promise<Browser> {
  const program = firstProgram(['chromium', 'chromium-browser', 'google-chrome', 'chrome'])
  if (!program) throw new Impossible('open a browser: Chromium is missing')
  return chromium.launch({ ...playwright.use?.launchOptions, executablePath: program })
}

/** Somebody with a page of the product, by this way. */
async function comeIn(
  world: World,
  place: Place,
  context: BrowserContext,
  url: string,
): Promise<Person> {
  const answer = await context.request.post('/api/session', { headers: { origin: url } })
  const guest = (await answer.json()) as Guest
  world.guests.set(guest.id, guest)
  const person = new Person('Somebody', context, await context.newPage(), place.id)
  await person.open()
  return person
}

/** When it became so, by this process's clock. */
async function becomes(isSo: () => Promise<boolean>, ms: number): Promise<number> {
  const end = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so after ${ms} ms: ${isSo}`)
    await sleep(50)
  }
  return performance.now()
}
