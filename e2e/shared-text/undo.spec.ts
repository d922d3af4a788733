/** Undo in real pages: it takes only what the person who presses Ctrl+Z did (law 3, case 33.9). */
import { expect } from '@playwright/test'
import { test } from '../story.ts'
import { caret, expectLines, linesOf, select, two, type } from './hands.ts'

test('[U7] case 33.9: all is selected and deleted, somebody writes meanwhile, and undo brings all back beside it', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, '# Plan\n\nFirst line.\n\n- one\n- two')
  const whole = ['Plan', 'First line.', 'one', 'two']
  for (const [words, key] of [
    ['new', 'Delete'],
    ['more', 'Backspace'],
  ] as const) {
    await ann.text.click()
    await ann.page.keyboard.press('Control+a')
    await ann.page.keyboard.press(key)
    await expect(bob.text).toHaveText('')
    await bob.text.click()
    await type(bob, words)
    await expect(ann.text).toContainText(words)

    await ann.page.keyboard.press('Control+z')
    await expect.poll(async () => (await linesOf(ann)).filter((line) => line)).toHaveLength(5)
    await expectLines([bob], await linesOf(ann))
    const lines = (await linesOf(ann)).filter((line) => line !== words)
    expect(lines).toEqual(whole)
    await caret(bob, words)
    for (let n = 0; n < words.length; n++) await bob.page.keyboard.press('Backspace')
    await bob.page.keyboard.press('Backspace')
    await expectLines([ann, bob], whole)
  }
})

test('[U7] case 33.9: undo of a line, a heading or a link leaves what somebody wrote at its end', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'red apples.\n\nLast')
  await caret(ann, 'red apples.')
  await ann.page.keyboard.press('Enter')
  await type(ann, 'pears')
  await expect(bob.text).toContainText('pears')
  await caret(bob, 'pears')
  await type(bob, ' BOB')
  await expect(ann.text).toContainText('pears BOB')
  await ann.page.keyboard.press('Control+z')
  await expectLines([ann, bob], ['red apples.', ' BOB', 'Last'])
  await ann.page.keyboard.press('Control+y')
  await expectLines([ann, bob], ['red apples.', 'pears BOB', 'Last'])

  await select(ann, 'red')
  await ann.page.getByRole('button', { name: 'Link', exact: true }).click()
  await ann.page.getByRole('textbox', { name: 'Address of the link' }).fill('example.org')
  await ann.page.keyboard.press('Enter')
  await expect(bob.text.locator('a')).toHaveText('red')
  await caret(bob, ' apples')
  await type(bob, ' and plums')
  await expect(ann.text).toContainText('and plums')
  await ann.page.keyboard.press('Control+z')
  await expectLines([ann, bob], ['red apples and plums.', 'pears BOB', 'Last'])
  await expect(bob.text.locator('a')).toHaveCount(0)
})
