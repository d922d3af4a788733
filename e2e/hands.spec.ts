/** Hands tells what demanding hands found: places where the page did something other than one believed. */
import { expect } from '@playwright/test'
import type { Person, Studio } from './people.ts'
import { test } from './story.ts'

const SENTENCES = 'The first one stands. The second one follows. The third one ends it.'
const LONG = Array.from({ length: 40 }, (_, n) => `Paragraph ${n} says something.`).join('\n\n')

const setLink = (studio: Studio, owner: Person, linkRole: 'edit' | 'view') =>
  owner.context.request.patch(`/api/documents/${studio.document}`, {
    headers: { origin: studio.gloss.url },
    data: { linkRole },
  })

test('[V122] F6 right after a click leads out of the text, and the keys stay in the cards', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: LONG })
  studio.model.script({ text: SENTENCES })
  await ada.ask('Continue writing')
  await expect(ada.page.getByRole('button', { name: 'Accept all' })).toBeVisible()
  const blocks = await ada.text.locator('p').count()

  for (let n = 0; n < 3; n++) {
    await ada.text.locator('p').nth(30).click()
    await ada.page.keyboard.press('F6')
    await ada.page.keyboard.press('ArrowDown')
    await expect(ada.page.locator('.margin [data-chunk]:focus')).toHaveCount(1)
    await ada.page.keyboard.press('Escape')
    await expect(ada.text).toBeFocused()
  }
  await ada.text.locator('p').nth(30).click()
  await ada.page.keyboard.press('F6')
  await ada.page.keyboard.press('ArrowDown')
  await ada.page.keyboard.press('Enter')

  await expect(ada.page.getByRole('button', { name: /^Accept: The/ })).toHaveCount(2)
  expect(await ada.text.locator('p').count()).toBe(blocks)
})

test('[V123] a key acts where the caret is seen, however quickly it follows', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: LONG })
  for (const word of ['one', 'two', 'three']) {
    await ada.text.locator('p').nth(10).click()
    await ada.page.keyboard.press('Control+End')
    await ada.page.keyboard.press('Enter')
    await ada.page.keyboard.type(word)
  }

  await expect(ada.text.locator('p').nth(-3)).toHaveText('one')
  await expect(ada.text.locator('p').nth(-2)).toHaveText('two')
  await expect(ada.text.locator('p').nth(-1)).toHaveText('three')
})

test('[V124] who may only read from now on learns it at once, and goes on reading', {
  tag: '@cluster',
}, async ({ studio }) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await ada.page.getByRole('button', { name: 'Share' }).click()
  await ada.page.getByRole('radio', { name: /Can view/ }).click()

  await expect(ben.text).toHaveAttribute('contenteditable', 'false')
  await expect(ben.saved).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await ada.typeAtEnd(' Read this.')
  await expect(ben.text).toContainText('Read this.')
})

test('[V125] what could not be saved is said, kept through a reload, and can be left behind', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await expect(ben.saved).toBeVisible()
  // Ben's page does not hear of it before it sends what he types.
  await ben.context.route(`**/api/documents/${studio.document}`, (route) => route.abort())
  await setLink(studio, ada, 'view')
  await ben.typeAtEnd('')
  await ben.page.keyboard.insertText(' Too late.')
  const notSaved = ben.page.getByRole('alert').filter({ hasText: 'you can only view' })
  await expect(notSaved).toBeVisible()
  await ada.typeAtEnd(' In time.')
  await expect(ben.text).toContainText('In time.')

  await ben.context.unrouteAll()
  await ben.page.reload()
  await expect(ben.text).toContainText('Too late.')
  await expect(notSaved).toBeVisible()
  await ben.page.getByRole('button', { name: 'Start over' }).click()

  await expect(ben.text).not.toContainText('Too late.')
  await expect(ben.text).toContainText('In time.')
  await expect(notSaved).toHaveCount(0)
  await expect.poll(() => ada.content()).toBe('Once upon a time. In time.')
})

test('[V126] a megabyte that is pasted is saved, and everybody has it', {
  tag: '@cluster',
}, async ({ studio }) => {
  const ada = await studio.person('Ada', { markdown: 'Before.' })
  const ben = await studio.person('Ben')
  await ada.typeAtEnd('')
  await ada.page.keyboard.press('Enter')

  await ada.page.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', `${'A megabyte of words. '.repeat(52_000)}The end \ud83d.`)
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    document.activeElement?.dispatchEvent(paste)
  })

  await expect(ben.text).toContainText('The end', { timeout: 60_000 })
  await expect(ada.saved).toBeVisible()
  for (const { text } of [ada, ben]) {
    await expect
      .poll(async () => (await text.textContent())?.length, { intervals: [500] })
      .toBe(7 + 52_000 * 21 + 10)
  }
  expect((await ada.text.textContent()) === (await ben.text.textContent())).toBe(true)
})

test('[V129] a press on a check box ticks it, for everybody', async ({ studio }) => {
  const ada = await studio.person('Ada', { markdown: '- [ ] Water the plants' })
  const ben = await studio.person('Ben')
  const box = ada.text.locator('li', { hasText: 'Water' })

  await box.click({ position: { x: 8, y: 14 } })

  await expect(ben.text.getByRole('checkbox', { checked: true })).toBeVisible()
  await expect.poll(async () => ben.content()).toContain('[x]')
})

test('[V130] whoever may only view from now on learns it at once, however it was changed', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  const headers = { origin: studio.gloss.url }

  await ada.context.request.patch(`/api/documents/${studio.document}`, {
    headers,
    data: { linkRole: 'view' },
  })

  await expect(ben.page.getByText('Viewing')).toBeVisible()
  await expect(ben.text).toHaveAttribute('contenteditable', 'false')
})

test('[V131] a document that is deleted says so to those who are in it', {
  tag: '@cluster',
}, async ({ studio }) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  const headers = { origin: studio.gloss.url }

  await ada.context.request.delete(`/api/documents/${studio.document}`, { headers })

  await expect(ben.page.getByText(/deleted/).first()).toBeVisible()
})
