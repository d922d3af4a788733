/** Cluster tells what only a cluster can show: people on different instances, and one of its parts lost. */
import { expect } from '@playwright/test'
import type { GlossProcess } from '../gloss-process.ts'
import type { Person, Studio } from '../people.ts'
import { test } from '../story.ts'

const SENTENCES = 'The first one stands. The second one follows. The third one ends it.'

/** How many sockets each instance holds. */
const sockets = (studio: Studio) =>
  Promise.all(studio.cluster.instances.map((one) => one.metric('gloss_connections', 'kind="ws"')))

/** Two who write, each on an instance of their own. */
async function apart(studio: Studio): Promise<[Person, Person]> {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  // The proxy knows nobody: whoever comes in again is put somewhere else, sooner or later.
  await expect(async () => {
    if ((await sockets(studio)).join() !== '1,1') await ben.page.reload()
    for (const { saved } of [ada, ben]) await expect(saved).toBeVisible()
    expect(await sockets(studio)).toEqual([1, 1])
  }).toPass({ timeout: 60_000 })
  return [ada, ben]
}

async function sameText(ada: Person, ben: Person): Promise<boolean> {
  return (await ada.text.textContent()) === (await ben.text.textContent())
}

async function whoWrites(studio: Studio): Promise<GlossProcess> {
  let found: GlossProcess | undefined
  await expect(async () => {
    for (const one of studio.cluster.instances) {
      if ((await one.metric('gloss_time_to_first_token_seconds_count')) > 0) found = one
    }
    expect(found).toBeDefined()
  }).toPass({ timeout: 30_000 })
  return found!
}

test('[C47] two people on different instances see each other’s words, carets and co-pilot, and decide together', {
  tag: '@cluster',
}, async ({ studio }) => {
  const [ada, ben] = await apart(studio)

  await Promise.all([ada.typeAtEnd(' Ada was here.'), ben.typeAtEnd(' Ben was here.')])
  await expect.poll(() => sameText(ada, ben)).toBe(true)
  await expect(ada.page.locator('.caret-name', { hasText: 'Ben' })).toHaveCount(1)
  await expect(ben.page.locator('.caret-name', { hasText: 'Ada' })).toHaveCount(1)

  studio.model.script({ text: SENTENCES, fault: 'hold', at: 10, delay: 20 })
  await ada.ask('Continue writing')
  for (const { text } of [ada, ben]) await expect(text).toContainText('The first one stands.')
  await ben.accept('The first one stands.')
  await ada.reject('The second one follows.')
  await studio.model.resume()
  await expect(ben.text).toContainText('The third one ends it.')
  await ben.accept('The third one ends it.')

  for (const { provisional } of [ada, ben]) await expect(provisional).toHaveCount(0)
  await expect.poll(() => sameText(ada, ben)).toBe(true)
  const content = await ada.content()
  // Behind Ada's own words: which of the two sentences comes first is Yjs's choice.
  expect(content).toMatch(/Ada was here\. The first one stands\. The third one ends it\./)
  expect(content).not.toContain('The second one')
  await expect.poll(() => ben.content()).toBe(content)
  const said = await Promise.all([ada, ben].map(({ page }) => page.locator('.saved').textContent()))
  expect(await sockets(studio), `nobody has moved; they read ${said.join(' and ')}`).toEqual([1, 1])
})

test('[C48] when the instance that runs the co-pilot is killed all go on with the other by themselves, with every word', {
  tag: '@cluster',
}, async ({ ownStudio }) => {
  const studio = await ownStudio({
    env: { GLOSS_LIMITS: JSON.stringify({ leaseMs: 2_000, sweepMs: 500 }) },
  })
  const [ada, ben] = await apart(studio)
  studio.model.script({ text: SENTENCES, fault: 'hold', at: 6 })
  await ada.typeAtEnd(' Before.')
  await ada.ask('Continue writing')
  for (const { text } of [ada, ben]) await expect(text).toContainText('The first one stands.')
  const writer = await whoWrites(studio)
  const survivor = studio.cluster.instances.find((one) => one !== writer)!

  await ben.text.locator('p').first().click()
  await ben.page.keyboard.press('Home')
  await ben.page.keyboard.type('Typed while ')
  const killed = writer.kill()
  await ben.page.keyboard.type('it died. ')
  await killed

  await expect.poll(() => survivor.metric('gloss_connections', 'kind="ws"')).toBe(2)
  for (const { saved } of [ada, ben]) await expect(saved).toBeVisible()
  await expect(ada.text).toContainText('Typed while it died.')
  for (const { page } of [ada, ben]) {
    await expect(page.getByText(/Interrupted/).first()).toBeVisible()
  }

  studio.model.script({ text: ' Taken up again.' })
  await ben.page.getByRole('button', { name: 'Continue', exact: true }).click()
  for (const { text } of [ada, ben]) {
    await expect(text).toContainText('Taken up again.')
    await expect(text).toContainText('The first one stands.')
  }
  await expect.poll(() => ada.content()).toBe('Typed while it died. Once upon a time. Before.')
})

test('[C49] Redis is killed while people type: they go on, both come to have all of it, and no page is alarmed', {
  tag: '@cluster',
}, async ({ ownStudio }) => {
  const studio = await ownStudio()
  const [ada, ben] = await apart(studio)
  const { redis } = studio.cluster
  const typing = (person: Person, words: string) => person.page.keyboard.type(words, { delay: 25 })
  await ada.typeAtEnd(' ')
  await ben.text.click()
  await ben.page.keyboard.press('Control+Home')

  const typed = Promise.all([
    typing(ada, 'Ada goes on and on, whatever happens.'),
    typing(ben, 'Ben goes on as well, in spite of it. '),
  ])
  await expect(ada.text).toContainText('Ben goes')
  await redis.kill()
  await typed

  await expect.poll(() => sameText(ada, ben)).toBe(true)
  await expect
    .poll(() => ada.content())
    .toBe(
      'Ben goes on as well, in spite of it. Once upon a time. Ada goes on and on, whatever happens.',
    )
  for (const { page, saved } of [ada, ben]) {
    await expect(saved).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(0)
  }

  await redis.start()
  // Carets travel by Redis alone: that one is seen to move says that it carries again.
  await expect(async () => {
    await ada.page.keyboard.press('Control+Home')
    await ada.page.keyboard.press('End')
    await expect(ben.page.locator('.caret-name', { hasText: 'Ada' })).toHaveCount(1, {
      timeout: 2_000,
    })
  }).toPass({ timeout: 60_000 })
})
