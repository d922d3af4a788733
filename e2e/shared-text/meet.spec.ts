/** Edits that meet in real browsers: cases 30.3, 30.4, 30.5, 30.8 and 30.14, with two people. */
import { expect } from '@playwright/test'
import type { Person, Studio } from '../people.ts'
import { test } from '../story.ts'

const BUDGET = 'The budget is 100 euros.'
const REWRITE = 'b1.1: The budget amounts to 100 euros.'

/** Types behind so many characters of the first line. */
async function typeAt(person: Person, characters: number, words: string): Promise<void> {
  await person.mayWrite()
  await person.text.click()
  await person.page.keyboard.press('Control+Home')
  for (let n = 0; n < characters; n++) await person.page.keyboard.press('ArrowRight')
  await person.page.keyboard.type(words)
}

const staleLine = ({ page }: Person) => page.locator('.chunk.stale')

/** Two finished rewrites of one sentence, asked by each of them. */
async function rivals(studio: Studio): Promise<[Person, Person]> {
  const [ada, ben] = await studio.adaAndBen('We ought to consider it.')
  studio.model.script({ text: 'b1.1: Let us chew on that.' }, { text: 'b1.1: We shall think.' })
  await ada.askForAll('Make shorter')
  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toHaveCount(1)
  await ben.askForAll('Make shorter')
  await expect(ada.page.getByRole('button', { name: 'Accept all' })).toHaveCount(2)
  return [ada, ben]
}

test('[G10] case 30.3: what is changed while the model thinks stays as it is; the card says whose change it was, and asks again', {
  tag: '@cluster',
}, async ({ studio }) => {
  const [ada, ben] = await studio.adaAndBen(BUDGET)
  studio.model.script({ text: REWRITE, fault: 'hold', at: 'first' })
  await ada.askForAll('Make shorter')
  await studio.model.waitFor(() => true)
  await typeAt(ben, 17, '00')
  await expect(ada.text).toContainText('10000')
  await studio.model.resume()

  for (const person of [ada, ben]) {
    await expect(staleLine(person)).toContainText('Out of date. Ben changed the text')
    await expect(staleLine(person).locator('mark')).toHaveText('10000 ')
    await expect(person.text.locator('.prov-del')).toHaveCount(0)
    await expect(person.text.locator('[data-stale]').first()).toBeVisible()
    await expect(person.page.getByRole('button', { name: /^Accept/ })).toHaveCount(0)
  }
  for (const view of ['without', 'accepted'] as const) {
    expect(await ada.content(view)).toBe('The budget is 10000 euros.')
  }

  studio.model.script({ text: 'b1.1: The budget amounts to 10000 euros.' })
  await ben.page.getByRole('button', { name: 'Again on the present text' }).click()
  await expect(staleLine(ada)).toHaveCount(0)
  await ada.page.getByRole('button', { name: 'Accept all' }).click()
  for (const person of [ada, ben]) {
    await expect.poll(() => person.content()).toBe('The budget amounts to 10000 euros.')
    await expect(person.text).toHaveText('The budget amounts to 10000 euros.')
  }
})

test('[G10] a suggestion that waits is out of date once somebody changes what it strikes, and open again when that is undone; it can be dropped', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen(BUDGET)
  studio.model.script({ text: REWRITE })
  await ada.askForAll('Make shorter')
  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toBeVisible()

  await typeAt(ben, 17, '00')
  await expect(staleLine(ada)).toContainText('Ben changed the text')
  await ben.page.keyboard.press('Control+z')
  await expect(staleLine(ada)).toHaveCount(0)
  await expect(ada.page.getByRole('button', { name: 'Accept all' })).toBeVisible()

  await typeAt(ben, 17, '00')
  await expect(staleLine(ada)).toBeVisible()
  await ada.page.getByRole('button', { name: 'Drop' }).click()
  await expect(ben.cards).toHaveCount(0)
  await expect(ben.text).toHaveText('The budget is 10000 euros.')
})

test('[G11] cases 30.4 and 30.5: of two rewrites of a sentence one is accepted at most, the other is out of date until Ctrl+Z; when the first is rejected the second stays as it is', {
  tag: '@cluster',
}, async ({ studio }) => {
  const [ada, ben] = await rivals(studio)
  await expect(ada.page.getByText(/For the same words: Make shorter, asked by Ben/)).toBeVisible()

  await ada.page.getByRole('button', { name: 'Accept all' }).first().click()

  for (const person of [ada, ben]) {
    await expect(staleLine(person)).toContainText('Ada accepted another suggestion')
    await expect(person.page.getByRole('button', { name: 'Accept all' })).toHaveCount(0)
  }
  await expect.poll(() => ben.content()).toBe('Let us chew on that.')
  expect(await ben.content('accepted')).toBe('Let us chew on that.')

  await ada.text.click()
  await ada.page.keyboard.press('Control+z')
  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toHaveCount(2)
  await expect.poll(() => ada.content()).toBe('We ought to consider it.')

  await ada.page.getByRole('button', { name: 'Reject all' }).first().click()

  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toHaveCount(1)
  await expect(ben.text.locator('.prov-del')).toHaveText('ought to consider it.')
  await expect(ben.provisional).toHaveText('shall think.')
  await expect(ben.page.getByText(/For the same words/)).toHaveCount(0)
  await ben.page.getByRole('button', { name: 'Accept all' }).click()
  await expect.poll(() => ada.content('inline')).toBe('We shall think.')
})

test('[G22] case 30.8: Ctrl+Z takes a decision back after the server was killed and started again', {
  tag: '@cluster',
}, async ({ ownStudio }) => {
  const studio = await ownStudio()
  const [ada, ben] = await studio.adaAndBen(BUDGET)
  studio.model.script({ text: REWRITE })
  await ada.askForAll('Make shorter')
  await ben.page.getByRole('button', { name: 'Accept all' }).click()
  await expect.poll(() => ada.content()).toBe('The budget amounts to 100 euros.')
  await expect(ben.saved).toBeVisible()

  await studio.gloss.kill()
  await studio.gloss.run()
  await expect(ben.saved).toBeVisible()
  await ben.text.click()
  await ben.page.keyboard.press('Control+z')

  await expect(ada.page.getByRole('button', { name: 'Reject all' })).toBeVisible()
  await expect.poll(() => ada.content()).toBe(BUDGET)
})

test('[G22] case 30.14: who loses a decision is told to whom, also at Ctrl+Z, which takes nothing older back', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen(`${BUDGET}\n\nNotes:`)
  await ben.typeAtEnd(' mine')
  await expect(ada.text).toContainText('Notes: mine')
  studio.model.script({ text: REWRITE })
  await ada.askForAll('Make shorter')
  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toBeVisible()

  await ben.context.setOffline(true)
  await ben.page.getByRole('button', { name: 'Accept all' }).click()
  await ada.page.getByRole('button', { name: 'Reject all' }).click()
  const whole = `${BUDGET}\n\nNotes: mine`
  await expect.poll(() => ada.content('inline')).toBe(whole)
  await ben.context.setOffline(false)

  await expect(ben.page.getByText('Ada decided first: rejected.')).toBeVisible({ timeout: 30_000 })
  await ben.text.click()
  await ben.page.keyboard.press('Control+z')
  await expect(ben.page.getByText('There was nothing to undo.')).toBeVisible()
  await expect(ben.text).toContainText('Notes: mine')
  await ben.page.keyboard.press('Control+z')
  await expect(ada.text).not.toContainText('mine')
  await expect(ada.text).toContainText(BUDGET)
})
