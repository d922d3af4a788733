/** Links in real pages: two people make them, type in them and take them away. */
import { expect } from '@playwright/test'
import type { Person } from '../people.ts'
import { test } from '../story.ts'
import { caret, expectLines, select, two, type } from './hands.ts'

/** Opens the field for the address of the selected words. */
async function openField(person: Person, words: string) {
  await select(person, words)
  await person.page.getByRole('button', { name: 'Link', exact: true }).click()
  const field = person.page.getByRole('textbox', { name: 'Address of the link' })
  await expect(field).toBeFocused()
  return field
}

async function link(person: Person, words: string) {
  await (await openField(person, words)).fill('example.org')
  await person.page.keyboard.press('Enter')
  await expect(person.text.locator('a', { hasText: words })).toHaveCount(1)
}

async function unlink(person: Person, words: string) {
  await openField(person, words)
  await person.page.getByRole('button', { name: 'Remove the link' }).click()
}

const linksOf = ({ text }: Person) => text.locator('a').allTextContents()

test('[U8] case 33.13: whoever has set, left or removed a link types on at its end, and can undo', async ({
  studio,
}) => {
  const ann = await studio.person('Ann', { markdown: 'Read this now.\n\nOr that.' })
  await link(ann, 'this')
  await expect(ann.text).toBeFocused()
  await type(ann, ' page')
  await expectLines([ann], ['Read this page now.', 'Or that.'])
  expect(await linksOf(ann)).toEqual(['this'])
  // Keys more than half a second apart, on a slow machine, are steps of their own.
  await expect(async () => {
    if (!(await ann.text.textContent())?.includes('Read this now.')) {
      await ann.page.keyboard.press('Control+z')
    }
    await expect(ann.text).toContainText('Read this now.', { timeout: 2_000 })
  }).toPass()
  expect(await linksOf(ann)).toEqual(['this'])

  await openField(ann, 'that')
  await ann.page.keyboard.press('Escape')
  await expect(ann.text).toBeFocused()
  await type(ann, ' one')
  await expectLines([ann], ['Read this now.', 'Or that one.'])

  await unlink(ann, 'this')
  await expect(ann.text).toBeFocused()
  await type(ann, ' then')
  await expectLines([ann], ['Read this then now.', 'Or that one.'])
  expect(await linksOf(ann)).toEqual([])
})

test('[U8] case 33.8: a link is removed while somebody types in it', async ({ studio }) => {
  const [ann, bob] = await two(
    studio,
    'Go [right](https://example.org) here now.\n\nSee [first](https://example.org) and go.',
  )
  await caret(bob, 'ri')
  await type(bob, 'X')
  await expect(ann.text).toContainText('riXght')

  await unlink(ann, 'riXght')
  await expect.poll(() => linksOf(bob)).toEqual(['first'])
  await type(bob, 'YZ')
  await expectLines([ann, bob], ['Go riXYZght here now.', 'See first and go.'])
})
