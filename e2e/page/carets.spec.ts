import { expect } from '@playwright/test'
import type { Person } from '#e2e/people.ts'
import { test } from '#e2e/story.ts'

/** Between a caret of somebody else's and the end of the line it stands at, in pixels, on one's page. */
function gap(person: Person, whose: string, line: string): Promise<number> {
  return person.page.evaluate(
    ([whose, line]) => {
      const carets = [...document.querySelectorAll('.editor-carets .caret')]
      const caret = carets.find((one) => one.textContent?.includes(whose))
      const walker = document.createTreeWalker(
        document.querySelector('.editor-text')!,
        NodeFilter.SHOW_TEXT,
      )
      let words = walker.nextNode() as Text | null
      while (words && !words.data.includes(line)) words = walker.nextNode() as Text | null
      if (!caret || !words) return 9_999
      const range = document.createRange()
      const at = words.data.indexOf(line) + line.length
      range.setStart(words, at)
      const [here, there] = [caret.getBoundingClientRect(), range.getBoundingClientRect()]
      return Math.max(Math.abs(here.top - there.top), Math.abs(here.left - there.left))
    },
    [whose, line] as const,
  )
}

test('[Y9] case 33.11: a caret of another stands at its letter after every change of the layout, one’s own too', async ({
  studio,
}) => {
  const ann = await studio.person('Ann', {
    markdown: 'Above it.\n\n```\na line of code\n```\n\nHere he stands and waits.',
  })
  const bob = await studio.person('Bob')
  await bob.typeAtEnd('')
  const stands = () => expect.poll(() => gap(ann, 'Bob', 'stands and waits.')).toBeLessThan(2)
  await stands()

  await ann.text.getByText('Above it.').click()
  await ann.page.keyboard.press('Home')
  await ann.page.keyboard.press('Enter')
  await stands()
  await ann.page.keyboard.type('# A heading now')
  await stands()
  await ann.page.keyboard.press('Control+z')
  await ann.page.keyboard.press('Control+z')
  await stands()
  await ann.page.setViewportSize({ width: 420, height: 800 })
  await stands()
  await ann.text.getByText('a line of code').click()
  await ann.page.keyboard.press('End')
  await ann.page.keyboard.type(' that is longer than the page is wide, so it scrolls by itself')
  await stands()

  // In a long line of code, which one scrolls by hand. Bob goes to the end of what he has.
  await expect(bob.text).toContainText('so it scrolls by itself')
  await bob.text.getByText('a line of code').click()
  await bob.page.keyboard.press('End')
  const inCode = () => expect.poll(() => gap(ann, 'Bob', 'scrolls by itself')).toBeLessThan(2)
  await inCode()
  await ann.text.locator('.block-code').evaluate((code) => code.scrollTo({ left: 0 }))
  await inCode()
})
