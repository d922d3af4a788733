import { expect } from '@playwright/test'
import type { Person } from './people.ts'
import { test } from './story.ts'

const rows = ({ page }: Person) => page.getByRole('list', { name: 'Documents' })
const deleted = ({ page }: Person) => page.getByRole('list', { name: 'Recently deleted' })
const disclosure = ({ page }: Person) => page.getByRole('button', { name: 'Recently deleted' })

async function deleteFromList(person: Person, title: string): Promise<void> {
  await person.page.getByRole('button', { name: `Actions for ${title}` }).click()
  await person.page.getByRole('menuitem', { name: 'Delete' }).click()
}

test('[V202] a document is deleted at once, not when its note has gone, and Undo brings it back', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const { page } = ada
  const there = async () =>
    (await ada.context.request.get(`/api/documents/${studio.document}`)).status()
  await page.goto('/')
  await deleteFromList(ada, 'Our plan')
  // Under the mouse a note stays, however long the rest takes.
  await page.getByText('“Our plan” was deleted.').hover()
  await expect.poll(there).toBe(410)
  await expect(page.getByText('Nothing here yet')).toBeVisible()

  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(rows(ada).getByRole('link', { name: 'Our plan' })).toBeVisible()
  await expect.poll(there).toBe(200)

  // Where the server does not hear of it, the document stays where it is, and that is said.
  await page.route(`**/api/documents/${studio.document}`, (route) => route.abort())
  await deleteFromList(ada, 'Our plan')
  await expect(page.getByText('The server cannot be reached right now.')).toBeVisible()
  await expect(rows(ada).getByRole('link', { name: 'Our plan' })).toBeVisible()
  await page.unrouteAll()

  // Deleted while it was open, Undo opens it again.
  await ada.open()
  await page.getByRole('button', { name: 'Document menu' }).click()
  await page.getByRole('menuitem', { name: 'Delete document' }).click()
  await expect(page.getByText('Nothing here yet')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(ada.text).toContainText('Once upon a time.')
})

test('[V203] what was deleted is found at the end of the list, with how long it is kept, and comes back from there by keys alone', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const { page } = ada
  const headers = { origin: studio.gloss.url }
  await ada.context.request.post('/api/documents', { headers, data: { title: 'Second' } })
  await page.goto('/')
  await disclosure(ada).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText('Nothing here. A document that you delete')).toBeVisible()
  await deleteFromList(ada, 'Our plan')
  await expect(deleted(ada).getByText('Our plan')).toBeVisible()
  await expect(rows(ada).getByRole('link', { name: 'Second' })).toBeFocused()
  await deleteFromList(ada, 'Second')
  await expect(deleted(ada).getByRole('listitem')).toHaveCount(2)
  await expect(deleted(ada).getByText('Gone for good in 30 days')).toHaveCount(2)

  // It is the server's list: another visit finds the same, or says why it cannot.
  await page.reload()
  await page.route('**/api/documents?*deleted=true*', (route) => route.abort())
  await disclosure(ada).press('Enter')
  const problem = page.getByRole('alert').filter({ hasText: 'cannot be reached' })
  await expect(problem).toBeVisible()
  await page.unrouteAll()
  await problem.getByRole('button', { name: 'Try again' }).click()

  await page.getByRole('button', { name: 'Restore “Second”' }).press('Enter')
  await expect(page.getByText('“Second” is back.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Restore “Our plan”' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(disclosure(ada)).toBeFocused()
  await expect(rows(ada).getByRole('listitem')).toHaveCount(2)
})

test('[V204] the page of a deleted document lets its owner bring it back, and tells others who can', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await ada.context.request.delete(`/api/documents/${studio.document}`, {
    headers: { origin: studio.gloss.url },
  })
  // Who has it open is told without being asked.
  const banner = (person: Person) =>
    person.page.getByRole('alert').filter({ hasText: 'This document was deleted.' })
  await expect(banner(ben)).toContainText('Its owner can bring it back')
  await expect(banner(ben).getByRole('button', { name: 'Restore' })).toHaveCount(0)
  await expect(banner(ada).getByRole('button', { name: 'Restore' })).toBeVisible()

  for (const { page } of [ada, ben]) await page.reload()
  await expect(ben.page.getByText('Its owner can bring it back within 30 days.')).toBeVisible()
  await expect(ben.page.getByRole('button', { name: 'Restore' })).toHaveCount(0)
  await expect(ada.page.getByText('Gone for good in 30 days.')).toBeVisible()
  await ada.page.getByRole('button', { name: 'Restore' }).click()
  await ada.typeAtEnd(' And on.')
  await ben.page.reload()
  await expect(ben.text).toContainText('Once upon a time. And on.')

  await ada.context.request.delete(`/api/documents/${studio.document}`, {
    headers: { origin: studio.gloss.url },
  })
  await banner(ada).getByRole('button', { name: 'Restore' }).click()
  await expect(ada.text).toContainText('Once upon a time. And on.')
  await expect(ada.saved).toBeVisible()
})
