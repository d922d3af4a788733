/** Drag tells what two people find where one drags words into which the other types. */
import { expect } from '@playwright/test'
import type { Person } from '../people.ts'
import { test } from '../story.ts'
import { caret, expectLines, select, two, type } from './hands.ts'

/** The middle of these words on the screen, or the place in front of them. */
const placeOf = ({ text }: Person, words: string, edge: 'middle' | 'front') =>
  text.evaluate(
    (root, { words, edge }) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent?.indexOf(words) ?? -1
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + (edge === 'front' ? 1 : words.length))
        const { left, width, top, height } = range.getBoundingClientRect()
        return { x: edge === 'front' ? left + 1 : left + width / 2, y: top + height / 2 }
      }
      throw new Error(`nothing says ${words}`)
    },
    { words, edge },
  )

test('[E32] what somebody types into words that another drags goes along with them', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'Drag these words over there.\n\nDrop target line.')
  await select(ann, 'these words ')
  const from = await placeOf(ann, 'these words', 'middle')
  const to = await placeOf(ann, 'target', 'front')
  await caret(bob, 'wor')

  await ann.page.mouse.move(from.x, from.y)
  await ann.page.mouse.down()
  await ann.page.mouse.move(to.x + 5, to.y, { steps: 5 })
  await type(bob, 'ABCDEF')
  await expect(ann.text).toContainText('worABCDEFds')
  await ann.page.mouse.move(to.x, to.y, { steps: 3 })
  await ann.page.mouse.up()

  await expectLines([ann, bob], ['Drag over there.', 'Drop these worABCDEFds target line.'])
  await ann.page.keyboard.press('Control+z')
  await expectLines([ann, bob], ['Drag these worABCDEFds over there.', 'Drop target line.'])
})
