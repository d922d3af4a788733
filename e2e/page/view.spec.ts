import { expect } from '@playwright/test'
import type { Person } from '#e2e/people.ts'
import { test } from '#e2e/story.ts'

const PARAGRAPHS = 80
const markdown = Array.from(
  { length: PARAGRAPHS },
  (_, n) => `Paragraph ${n} says a little more than would fit into one line of a phone.`,
).join('\n\n')
/** What a run says: long enough to push what stands below it by several screens. */
const ANSWER = Array.from({ length: 12 }, (_, n) =>
  `A proposal ${n}, in words that go on. `.repeat(4),
)

/** Begins to note in each frame where a paragraph stands in the window. */
async function watchView(person: Person, words: string): Promise<void> {
  const paragraph = person.text.getByText(words, { exact: false }).first()
  await paragraph.evaluate((element) => element.scrollIntoView({ block: 'center' }))
  await paragraph.evaluate(
    (element) =>
      new Promise<void>((begun) => {
        const tops: number[] = []
        Object.assign(window, { tops })
        const look = () => {
          tops.push(element.getBoundingClientRect().top)
          if (tops.length === 3) begun()
          requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }),
  )
}

/** By how much it has moved since, at most. */
const moved = (person: Person) =>
  person.page.evaluate(() => {
    const { tops } = window as unknown as { tops: number[] }
    return Math.max(...tops) - Math.min(...tops)
  })

for (const width of [1440, 390]) {
  test(`[Y20] what one looks at stays while a run and others write above and below, with a caret and without (${width} wide)`, async ({
    studio,
  }) => {
    const ada = await studio.person('Ada', { markdown })
    const bob = await studio.person('Bob')
    const eve = await studio.person('Eve')
    for (const person of [bob, eve]) await person.page.setViewportSize({ width, height: 800 })
    await bob.mayWrite()
    await bob.text.getByText('Paragraph 40 says').click()
    await watchView(bob, 'Paragraph 40 says')
    await watchView(eve, 'Paragraph 40 says')

    for (const [n, where] of ['Paragraph 5 says', 'Paragraph 60 says'].entries()) {
      studio.model.script({ text: ANSWER.join('\n\n'), delay: 10 })
      await ada.mayWrite()
      await ada.text.getByText(where).click()
      await ada.page.keyboard.press('End')
      await ada.ask('Write on')
      await studio.model.waitFor(
        ({ n: request, tokensSent }) => request === n + 1 && tokensSent > 40,
      )
      // Somebody else writes too, and breaks a line above.
      await ada.text.getByText('Paragraph 3 says').click()
      await ada.page.keyboard.press('Enter')
      await ada.page.keyboard.type('Ada writes beside it. ')
      await studio.model.waitFor(
        ({ n: request, closedBy }) => request === n + 1 && closedBy !== undefined,
      )
      for (const person of [bob, eve]) {
        await expect(person.text).toContainText('A proposal 11')
        expect(await moved(person)).toBeLessThanOrEqual(1)
      }
    }

    // Bob's caret has stayed in its line: what he types goes there.
    await bob.page.keyboard.type('here')
    await expect(bob.text.getByText('Paragraph 40 says').first()).toContainText('here')
    expect(await moved(bob)).toBeLessThanOrEqual(1)
  })
}
