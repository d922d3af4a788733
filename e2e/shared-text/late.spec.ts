/**
 * Somebody writes offline while others take the text along or away, in real pages: what nobody
 * deleted is there once, at what it was written beside.
 */
import { expect } from '@playwright/test'
import type { Person } from '../people.ts'
import { test } from '../story.ts'
import { caret, expectLines, linesOf, two, type } from './hands.ts'

/** What `away` does on a page without a connection, and what `here` does meanwhile. */
async function apart(
  [here, away]: readonly [Person, Person],
  act: { away(): Promise<void>; here(): Promise<void> },
): Promise<void> {
  await away.context.setOffline(true)
  await act.away()
  const before = await here.text.innerHTML()
  await act.here()
  await expect.poll(() => here.text.innerHTML()).not.toBe(before)
  await expect(here.saved).toBeVisible()
  await away.context.setOffline(false)
}

const press = ({ page }: Person, ...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())

/** From behind these words to behind those, as a person marks them. */
async function mark(person: Person, from: string, to: string): Promise<void> {
  await caret(person, from)
  await person.text.evaluate((root, words) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    let node = walker.nextNode()
    while (node && !node.textContent?.includes(words)) node = walker.nextNode()
    if (node) getSelection()?.extend(node, node.textContent!.indexOf(words) + words.length)
  }, to)
}

test('[M13] case 30.6: words typed offline in a line that is merged away, and in one that moves down', {
  tag: '@cluster',
}, async ({ studio }) => {
  const [ann, bob] = await two(studio, 'Alpha.\n\nBeta one.\n\nGamma.')
  await apart([ann, bob], {
    away: async () => {
      await caret(bob, 'Beta')
      await type(bob, ' XYZ')
    },
    here: async () => {
      await caret(ann, 'Beta', 'before')
      await press(ann, 'Backspace')
    },
  })
  await expectLines([ann, bob], ['Alpha.Beta XYZ one.', 'Gamma.'])

  await apart([ann, bob], {
    away: async () => {
      await caret(bob, 'one')
      await type(bob, '!!')
    },
    here: async () => {
      await caret(ann, 'Alpha.')
      await press(ann, 'Enter')
    },
  })
  await expectLines([ann, bob], ['Alpha.', 'Beta XYZ one!!.', 'Gamma.'])
})

test('[M13] case 33.4: both split at the same place, then both join the same lines', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'abcdef\n\nlast')
  const enter = (person: Person) => async () => {
    await caret(person, 'abc')
    await press(person, 'Enter')
  }
  await apart([ann, bob], { away: enter(bob), here: enter(ann) })
  await expectLines([ann, bob], ['abc', 'def', 'last'])

  const join = (person: Person) => async () => {
    await caret(person, 'def', 'before')
    await press(person, 'Backspace')
  }
  await apart([ann, bob], { away: join(bob), here: join(ann) })
  await expectLines([ann, bob], ['abcdef', 'last'])
})

test('[M13] case 33.6: deletions that overlap over three lines', async ({ studio }) => {
  const [ann, bob] = await two(studio, 'Aa one\n\nBb two\n\nCc three')
  await apart([ann, bob], {
    away: async () => {
      await mark(bob, 'Bb ', 'Cc')
      await press(bob, 'Backspace')
    },
    here: async () => {
      await mark(ann, 'Aa', 'Bb')
      await press(ann, 'Backspace')
    },
  })
  const join = (person: Person) => expect.poll(async () => (await linesOf(person)).join(''))
  await join(ann).toBe('Aa  three')
  await join(bob).toBe('Aa  three')
  expect(await linesOf(bob)).toEqual(await linesOf(ann))
})

test('[M13] case 33.7: words typed offline in an item that is indented', async ({ studio }) => {
  const [ann, bob] = await two(studio, '- one\n- two\n- three')
  await apart([ann, bob], {
    away: async () => {
      await caret(bob, 'two')
      await type(bob, 'XYZ')
    },
    here: async () => {
      await caret(ann, 'two', 'before')
      await press(ann, 'Tab')
    },
  })
  const items = (person: Person) => person.text.locator('li').filter({ hasText: 'twoXYZ' })
  for (const person of [ann, bob]) {
    await expect(items(person).last()).toBeVisible()
    await expect(person.text).toHaveText(/^\s*one\s*twoXYZ\s*three\s*$/)
  }
})

test('[M14] case 30.6: words typed offline in a line that is deleted are there to be kept or dropped', {
  tag: '@cluster',
}, async ({ studio }) => {
  const [ann, bob] = await two(studio, 'First.\n\nSecond line.\n\nThird.')
  await apart([ann, bob], {
    away: async () => {
      await caret(bob, 'Second')
      await type(bob, ' XYZ')
    },
    here: async () => {
      await mark(ann, 'First.', 'Second line.')
      await press(ann, 'Backspace')
    },
  })
  const card = ann.page.getByRole('article', { name: 'written by Bob' })
  await expect(card.getByRole('listitem')).toContainText('XYZ')
  for (const person of [ann, bob]) {
    await expect.poll(() => linesOf(person)).toEqual(['First.', ' XYZ', 'Third.'])
  }
  expect(await ann.content()).not.toContain('XYZ')

  await card.getByRole('button', { name: 'Keep' }).click()
  await expect.poll(() => ann.content()).toContain('XYZ')
  await expectLines([ann, bob], ['First.', ' XYZ', 'Third.'])
})
