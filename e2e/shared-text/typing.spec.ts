/** Two people type in one text at once, in real pages: every letter is there once, where it was typed. */
import { expect } from '@playwright/test'
import type { Person } from '../people.ts'
import { test } from '../story.ts'
import { caret, expectLines, linesOf, two, type } from './hands.ts'

/** Puts the caret behind words on a page that then does nothing else for a while, while others write. */
const standStill = ({ text }: Person, words: string, ms: number) =>
  text.evaluate(
    (root, { words, ms }) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      let node = walker.nextNode()
      while (node && !node.textContent?.includes(words)) node = walker.nextNode()
      const from = performance.now()
      while (performance.now() - from < ms);
      if (node) getSelection()?.collapse(node, node.textContent!.indexOf(words) + words.length)
      while (performance.now() - from < 2 * ms);
    },
    { words, ms },
  )

test('[E20] case 33.1: a line becomes a quote while somebody types at its end', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'Wise words\n\nAfter.')
  await caret(bob, 'Wise words')
  await type(bob, ' of')
  await caret(ann, 'Wise', 'before')

  await type(ann, '> ')
  await expect(bob.text.locator('blockquote')).toHaveCount(1)
  await type(bob, ' hers')

  await expectLines([ann, bob], ['Wise words of hers', 'After.'])
})

test('[E20] case 23: Enter above the caret in one paragraph takes it along', async ({ studio }) => {
  const [ann, bob] = await two(studio, 'It has support for a document today.')
  await caret(ann, 'support')
  await caret(bob, 'It has')

  await bob.page.keyboard.press('Enter')
  await type(bob, 'zz ')
  await expect(ann.text.locator('p')).toHaveCount(2)
  await expect(ann.text).toContainText('zz')
  await type(ann, 'XYZ')

  await expectLines([ann, bob], ['It has', 'zz  supportXYZ for a document today.'])
})

test('[E20] case 33.3: two people begin an empty document at once', { tag: '@cluster' }, async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, '')
  for (const person of [ann, bob]) {
    await person.mayWrite()
    await person.text.click()
  }

  await Promise.all([type(ann, 'apples'), type(bob, 'PEARS')])

  const letters = async (person: Person) =>
    [...(await linesOf(person)).join('')].toSorted().join('')
  const all = [...'applesPEARS'].toSorted().join('')
  for (const person of [ann, bob]) await expect.poll(() => letters(person)).toBe(all)
  expect(await linesOf(ann)).toEqual(await linesOf(bob))
  await expect.poll(async () => [...(await ann.content())].toSorted().join('')).toBe(all)
})

test('[E20] case 30.18: of equal lines each stays the line it is', async ({ studio }) => {
  const [ann, bob] = await two(studio, 'la la\n\nla la\n\nend')
  await caret(bob, 'la la')
  await caret(ann, 'la la', 'before')

  await type(ann, 'la la')
  await ann.page.keyboard.press('Enter')
  await expect.poll(() => linesOf(bob)).toEqual(['la la', 'la la', 'la la', 'end'])
  await type(bob, '!')
  await expect.poll(() => linesOf(ann)).toEqual(['la la', 'la la!', 'la la', 'end'])
  await ann.page.keyboard.press('ArrowDown')
  await ann.page.keyboard.press('End')
  await type(ann, '?')

  await expectLines([ann, bob], ['la la', 'la la!', 'la la?', 'end'])
})

test('[E20] case 33.14: a heading that is typed quickly has no space of its mark', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'First.')
  for (let n = 0; n < 5; n++) {
    await ann.text.click()
    await ann.page.keyboard.press('Control+End')
    await ann.page.keyboard.press('Enter')
    await type(ann, `## Title ${n}`, 12)
  }

  const titles = Array.from({ length: 5 }, (_, n) => `Title ${n}`)
  await expectLines([ann, bob], ['First.', ...titles])
  await expect(bob.text.locator('h2')).toHaveText(titles)
})

test('[E20] case 30.2: what one types into a suggestion is what is left when it is rejected', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'Start.')
  studio.model.script({ text: 'The quick fox jumps.' })
  await ann.ask('Continue writing')
  await expect(ann.page.getByRole('button', { name: /^Accept: The/ })).toBeVisible()
  await caret(ann, 'The')

  await type(ann, 'MY OWN WORDS')
  await expect(bob.text).toContainText('TheMY OWN WORDS quick')
  await ann.reject('The')

  await expect(ann.provisional).toHaveCount(0)
  await expect(bob.text).toContainText('MY OWN WORDS')
  expect((await linesOf(bob)).join('')).toBe((await linesOf(ann)).join(''))
  expect((await linesOf(ann)).join('').replace('Start.', '').trim()).toBe('MY OWN WORDS')
})

test('[E20] what one types goes where one clicked, though others wrote in that moment', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'one two three four five six\n\nBob')
  await caret(bob, 'Bob')
  await caret(ann, 'six')

  for (const word of ['one', 'two', 'three', 'four', 'five']) {
    await Promise.all([standStill(ann, word, 500), type(bob, 'xy', 100)])
    await type(ann, '!', 0)
  }

  const expected = ['one! two! three! four! five! six', `Bob${'xy'.repeat(5)}`]
  await expectLines([ann, bob], expected)
})

test('[E20] emoji side by side stay whole while two people type between them', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'a😀😀😀b')
  await caret(ann, 'a😀')
  await caret(bob, 'a😀😀')

  await Promise.all([type(ann, '😁x'), type(bob, 'y😂')])

  await expectLines([ann, bob], ['a😀😁x😀y😂😀b'])
})
