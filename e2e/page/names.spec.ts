import { expect } from '@playwright/test'
import { test } from '#e2e/story.ts'

test('[Y11] case 33.12: whoever takes another name has it in the avatars, at the caret and on the cards of the others', async ({
  studio,
}) => {
  studio.model.setDefault({ text: 'And a proposal.' })
  const ann = await studio.person('Ann')
  const bob = await studio.person('Bob')
  await bob.typeAtEnd(' Bob was here')
  await bob.ask('Write on')
  await expect(ann.cards.getByText('asked by Bob')).toBeVisible()
  await expect(ann.page.locator('.caret-name', { hasText: 'Bob' })).toHaveCount(1)

  await bob.page.getByRole('button', { name: 'Bob (you)' }).click()
  await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Robert')
  await bob.page.keyboard.press('Enter')

  await expect(ann.page.getByRole('button', { name: 'Robert' })).toBeVisible()
  await expect(ann.cards.getByText('asked by Robert')).toBeVisible()

  // A name stands at a caret while it moves.
  await bob.typeAtEnd('!')
  await expect(ann.page.locator('.caret-name', { hasText: 'Robert' })).toHaveCount(1)
  await expect(ann.page.locator('.caret-name', { hasText: 'Bob' })).toHaveCount(0)
})
