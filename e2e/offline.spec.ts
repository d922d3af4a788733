/** What a browser keeps of a person, and how it is forgotten. */
import { expect, type Page } from '@playwright/test'
import { test } from './story.ts'

const copies = (page: Page) =>
  page.evaluate(async () => {
    const all = await indexedDB.databases()
    return all.flatMap(({ name }) => (name?.startsWith('gloss:') ? [name] : []))
  })

test('[V137] who is forgotten on a device leaves nothing there, and comes back as somebody new', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const second = await ada.context.newPage()
  await second.goto(`/d/${studio.document}`)
  await expect(second.getByText('Once upon a time')).toBeVisible()
  await ada.typeAtEnd(' The end.')
  await expect(ada.saved).toBeVisible()
  const before = (await copies(ada.page)).filter((name) => name.endsWith(`:${studio.document}`))
  expect(before).toHaveLength(1)

  await ada.page.getByRole('button', { name: 'Document menu' }).click()
  await ada.page.getByRole('menuitem', { name: 'Your name and colour' }).click()
  await ada.page.getByRole('button', { name: 'Forget me on this device' }).click()
  await expect(ada.page.getByText('you cannot come back')).toBeVisible()
  await ada.page.getByRole('button', { name: 'Stay' }).click()
  await ada.page.getByRole('button', { name: 'Forget me on this device' }).click()
  await ada.page.getByRole('button', { name: 'Forget me', exact: true }).click()

  await expect(ada.page).not.toHaveURL(/\/d\/.*/)
  await expect(second).not.toHaveURL(new RegExp(String(studio.document)))
  await expect.poll(async () => (await copies(ada.page)).includes(before[0] ?? '')).toBe(false)
  const me = await ada.context.request.get('/api/session')
  const name = me.ok() ? ((await me.json()) as { name: string }).name : ''
  expect(name).not.toBe('Ada')
})
