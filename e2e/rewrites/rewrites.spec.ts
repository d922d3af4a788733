/** Two people watch rewrites of their text: how far they have come, what they strike and what stays. */
import { expect, type Locator } from '@playwright/test'
import { test } from '../story.ts'

/** The words of an element's text in this look, as the browser paints them. */
const wordsIn = (text: Locator, selector: string) =>
  text.locator(selector).evaluateAll((all) => all.map(({ textContent }) => textContent).join('|'))

test('[P23] case 30.9: two people read how far a rewrite of 60 paragraphs has come, and where it was stopped', async ({
  studio,
}) => {
  // So short that it is read in at once, however busy the machine is.
  const lines = Array.from({ length: 60 }, (_, n) => `Line ${n} says little here.`)
  const [ada, ben] = await studio.adaAndBen(lines.join('\n\n'))
  const before = await ada.content()
  studio.model.script({}, { fault: 'hold', at: 60 })
  await ada.askForAll('Make shorter')

  await expect(ben.cards.getByText(/writing… 4\d of 60 paragraphs/)).toBeVisible()
  await ben.page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(ada.cards.getByText(/Stopped by Ben\. 4\d of 60 paragraphs/)).toBeVisible()
  expect(await ada.content()).toBe(before)

  await ada.page.getByRole('button', { name: 'Reject all' }).click()
  await expect(ben.text.locator('.prov-del, .prov-ins')).toHaveCount(0)
  await expect.poll(() => ada.content()).toBe(before)
})

test('[P24] case 30.10: Continue takes half a sentence back and goes on in the same card', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen('Hello.')
  const text = 'One whole sentence. Two sentences.'
  studio.model.script(
    { text, tokenSize: 4, fault: 'reset', at: 7 },
    { text: 'Two sentences there. And three.' },
  )
  await ada.ask('Continue writing')
  await expect(ben.text).toContainText('Two sent')

  await ben.page.getByRole('button', { name: 'Continue', exact: true }).click()

  for (const person of [ada, ben]) {
    await expect(person.text).toContainText('One whole sentence. Two sentences there. And three.')
    await expect(person.cards).toHaveCount(1)
  }
  await ada.accept('One whole sentence.')
  await ada.page.getByRole('button', { name: 'Reject all' }).click()
  await expect.poll(() => ben.content()).toBe('Hello.\n\nOne whole sentence.')
})

test('[P25] case 30.11: a rewrite of code is lines of code, and reads so on both pages', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen('```js\nlet a = 1\nlet b = 2\n```')
  const before = await ada.content()
  studio.model.script({
    text: 'Sure:\n\n```js\nconst total = [1, 2]\n  .map((n) => n * 2)\n// *not* a list\n```\n',
  })
  await ada.askForAll('Rewrite')
  await expect(ben.text).toContainText('// *not* a list')
  expect(await ben.content()).toBe(before)

  await ben.page.getByRole('button', { name: 'Accept all' }).click()

  await expect
    .poll(() => ada.content())
    .toBe('const total = [1, 2]\n  .map((n) => n * 2)\n// *not* a list')
  for (const { text } of [ada, ben]) {
    await expect(text.locator('code')).toHaveCount(1)
    await expect(text.locator('code br')).toHaveCount(2)
  }
})

test('[P26] case 30.12: bold, a link and code survive a rewrite in plain words, before and after it is accepted', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen(
    'We **really** must read [the plan](https://example.org/plan) and run `npm test` soon.',
  )
  studio.model.script({ text: 'b1.1: We really should read the plan and run npm test today.\n' })
  await ada.askForAll('Make shorter')
  await expect(ben.text).toContainText('today')

  await ben.page.getByRole('button', { name: 'Accept all' }).click()

  await expect
    .poll(() => ada.content())
    .toBe('We really should read the plan and run npm test today.')
  for (const { text } of [ada, ben]) {
    await expect(text.locator('.prov-ins, .prov-del')).toHaveCount(0)
    expect(await wordsIn(text, 'strong')).toBe('really')
    expect(await wordsIn(text, 'a[href="https://example.org/plan"]')).toBe('the plan')
    expect(await wordsIn(text, 'code')).toBe('npm test')
  }
})

test('[P27] case 30.16: a plain answer for one paragraph takes its place, and is struck before it is written', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen(
    'A rather long sentence stands here.\n\nThis one stays.',
  )
  studio.model.script({ text: 'b1.1: Nothing but brief.', tokenSize: 1, fault: 'hold', at: 7 })
  await ada.mayWrite()
  await ada.text.getByText('A rather long').click()
  await ada.page.keyboard.press('Home')
  await ada.page.keyboard.press('Shift+End')
  await ada.ask('Make shorter')

  await expect(ben.text.locator('.prov-del')).toHaveText('A rather long sentence stands here.')
  await expect(ben.provisional).toHaveCount(0)
  await studio.model.resume()
  await expect(ben.provisional).toHaveText('Nothing but brief.')
  await ben.page.getByRole('button', { name: 'Reject all' }).click()
  await expect(ben.cards).toHaveCount(0)
  studio.model.script({ text: 'Here is a shorter version:\n\n"Something short stands here."' })
  await ada.ask('Make shorter')

  await ben.page.getByRole('button', { name: 'Accept all' }).click()
  await expect.poll(() => ada.content()).toBe('Something short stands here.\n\nThis one stays.')
})

test('[P28] case 30.17: a card says what is struck and what is written, to eyes and to a screen reader', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen('Their is the plan and and more.')
  studio.model.script({ text: 'b1.1: There is the plan and more.\n' })
  await ada.askForAll('Proofread')

  const line = ben.cards.getByRole('listitem')
  await expect(line).toHaveCount(1)
  await expect(line.locator('del')).toHaveText(['Their', 'and'])
  await expect(line.locator('ins')).toHaveText(['There'])
  const name = 'replace Their by There; delete and'
  await expect(ben.page.getByRole('button', { name: `Accept: ${name}` })).toBeVisible()
  await ben.page.getByRole('button', { name: `Reject: ${name}` }).click()
  await expect.poll(() => ada.content()).toBe('Their is the plan and and more.')
})
