import { expect } from '@playwright/test'
import type { Person } from './people.ts'
import { test } from './story.ts'

/** Marks the word that is double clicked, and waits for what floats above it. */
async function select({ page, text }: Person) {
  await text.getByText('Once upon').dblclick({ position: { x: 20, y: 12 } })
  const toolbar = page.getByRole('toolbar', { name: 'Format the selection' })
  await expect(toolbar).toBeVisible()
  return toolbar
}

const selected = ({ page }: Person) => page.evaluate(() => String(window.getSelection()).trim())

test('[V127] a press opens the menu of blocks, and what is chosen leads back to the text', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const toolbar = await select(ada)

  await toolbar.getByRole('button', { name: 'Text' }).click()
  await expect(ada.page.getByRole('menu')).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await expect(ada.page.getByRole('menu')).toBeHidden()
  await expect(ada.text).toBeFocused()
  await expect.poll(() => selected(ada)).toBe('Once')

  await toolbar.getByRole('button', { name: 'Text' }).click()
  await ada.page.getByRole('menuitem', { name: 'Heading 2' }).click()
  await expect(ada.text.getByRole('heading', { level: 2 })).toHaveText('Once upon a time.')
  await expect(ada.text).toBeFocused()
  await expect.poll(() => selected(ada)).toBe('Once')
})

test('[V128] a press opens the co-pilot’s menu, and a command there begins a run', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  studio.model.script({ text: 'b1.1: Once upon a time, long ago.' })
  const toolbar = await select(ada)

  await toolbar.getByRole('button', { name: 'Co-pilot' }).click()
  await ada.page.getByRole('menuitem', { name: /^Make longer/ }).click()
  await studio.model.waitFor(() => true)
  await expect(ada.cards).toHaveCount(1)
  await expect(ada.text).toBeFocused()
})

test('[V132] an address is set with the keyboard, whatever others write meanwhile, and the text has the focus again', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  const toolbar = await select(ada)

  await toolbar.getByRole('button', { name: 'Link' }).click()
  const field = ada.page.getByRole('textbox', { name: 'Address of the link' })
  await field.fill('https://gloss.test')
  // It stays where it is while others write.
  await ben.typeAtEnd(' The end.')
  await expect(ada.text).toContainText('The end.')
  await expect(field).toBeFocused()
  await ada.page.keyboard.press('Enter')
  await expect(ada.text.getByRole('link', { name: 'Once' })).toBeVisible()
  await expect(ada.text).toBeFocused()
})

test('[V220] what is selected stays seen while one asks the co-pilot of it, whatever others write', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await select(ada)
  const marked = () =>
    ada.page.evaluate(() => [...(CSS.highlights.get('kept-selection') ?? [])].map(String))
  expect(await marked()).toEqual([])

  await ada.page.keyboard.press('Control+j')
  await expect(ada.page.getByRole('combobox', { name: 'Ask the co-pilot' })).toBeFocused()
  await expect.poll(marked).toEqual(['Once'])
  // While the commands are open, what is behind them has no role.
  const text = ada.page.locator('.editor-text')
  const paint = await text.evaluate(
    (element) => getComputedStyle(element, '::highlight(kept-selection)').backgroundColor,
  )
  expect(paint).not.toBe('rgba(0, 0, 0, 0)')

  await ben.typeAtEnd(' The end.')
  await expect(text).toContainText('The end.')
  await expect.poll(marked).toEqual(['Once'])
  await ada.page.keyboard.press('Escape')
  await expect(ada.text).toBeFocused()
  await expect.poll(marked).toEqual([])
})
