/** Compositions of an input method, with two people in one text (case 24). */
import { expect } from '@playwright/test'
import type { Person } from '../people.ts'
import { test } from '../story.ts'
import { countUpdates, InputMethod } from './input-method.ts'

const caretBehind = async ({ page, text }: Person, words: string) => {
  await text.getByText(words).first().click()
  await page.keyboard.press('End')
}
const undo = ({ page }: Person) => page.keyboard.press('Control+z')
const redo = ({ page }: Person) => page.keyboard.press('Control+Shift+z')

async function expectAll(people: readonly Person[], text: string): Promise<void> {
  for (const person of people) await expect(person.text).toHaveText(text)
  await expect.poll(async () => (await people[0]!.content()).replace(/\n+/g, '')).toBe(text)
}

test('[U30] case 24: a composition leaves the page once, when it is committed, and is one step of undo', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: 'Hello.' })
  const ben = await studio.person('Ben')
  const sent = await countUpdates(ada)
  const keys = await InputMethod.of(ada)
  await ada.typeAtEnd('')

  for (const state of ['n', 'ni', 'nihao']) {
    await keys.compose(state)
    await expect(ada.text).toContainText(`Hello.${state}`)
    await expect(ben.text).toHaveText('Hello.')
  }
  expect(sent()).toBe(0)
  await keys.commit('你好')
  await expectAll([ada, ben], 'Hello.你好')
  expect(sent()).toBe(1)

  await undo(ada)
  await expectAll([ada, ben], 'Hello.')
  await redo(ada)
  await expectAll([ada, ben], 'Hello.你好')
})

test('[U31] what others write beneath a composition comes right after it, in the same paragraph too', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: 'Hello there.' })
  const ben = await studio.person('Ben')
  const keys = await InputMethod.of(ada)
  await ada.typeAtEnd('')
  await keys.compose('n', 'ni')

  await ben.mayWrite()
  await ben.text.click()
  await ben.page.keyboard.press('Control+Home')
  await ben.page.keyboard.type('Ben says: ')
  await ben.page.keyboard.press('Control+End')
  await ben.page.keyboard.type(' Yes!')
  await expect.poll(() => ada.content()).toBe('Ben says: Hello there. Yes!')
  await expect(ada.text).toContainText('Hello there.ni')
  await keys.compose('nihao')
  await keys.commit('你好')

  await expect(ada.text).toContainText('Ben says: Hello there.')
  const now = (await ada.text.textContent()) ?? ''
  expect(now.replace('你好', '')).toBe('Ben says: Hello there. Yes!')
  await expectAll([ada, ben], now)
  await undo(ada)
  await expectAll([ada, ben], 'Ben says: Hello there. Yes!')
})

const PLACES: Record<string, { before: (ada: Person) => Promise<void>; becomes: string }> = {
  'over a selection': {
    before: async (ada) => {
      await caretBehind(ada, 'Last line.')
      for (let n = 0; n < 5; n++) await ada.page.keyboard.press('Shift+ArrowLeft')
    },
    becomes: 'See this now.Last 你好',
  },
  'in an empty paragraph': {
    before: async (ada) => {
      await caretBehind(ada, 'See')
      await ada.page.keyboard.press('Enter')
    },
    becomes: 'See this now.你好Last line.',
  },
  'at the end of a link': {
    before: async (ada) => {
      await ada.text.getByRole('link').click({ position: { x: 2, y: 8 } })
      await ada.page.keyboard.press('Control+ArrowRight')
    },
    becomes: 'See this你好 now.Last line.',
  },
  'before everything': {
    before: async (ada) => {
      await ada.text.click()
      await ada.page.keyboard.press('Control+Home')
    },
    becomes: '你好See this now.Last line.',
  },
}

for (const [place, { before, becomes }] of Object.entries(PLACES)) {
  test(`[U32] a composition ${place} is one change and one step of undo`, async ({ studio }) => {
    const ada = await studio.person('Ada', {
      markdown: 'See [this](https://example.org) now.\n\nLast line.',
    })
    const ben = await studio.person('Ben')
    const sent = await countUpdates(ada)
    const keys = await InputMethod.of(ada)
    await before(ada)
    const text = (await ben.text.textContent()) ?? ''
    await expect(ada.saved).toBeVisible()
    const earlier = sent()

    await keys.compose('n', 'ni', 'nihao')
    await expect(ada.text).toContainText('nihao')
    await expect(ben.text).toHaveText(text)
    expect(sent()).toBe(earlier)
    await keys.commit('你好')
    await expectAll([ada, ben], becomes)
    expect(sent()).toBe(earlier + 1)

    await undo(ada)
    await expectAll([ada, ben], 'See this now.Last line.')
    await redo(ada)
    await expectAll([ada, ben], becomes)
  })
}

test('[U33] a composition that is cancelled leaves nothing, and no step of undo', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: 'Hello.' })
  const ben = await studio.person('Ben')
  const sent = await countUpdates(ada)
  const keys = await InputMethod.of(ada)
  await ada.typeAtEnd('')
  await ada.page.keyboard.insertText(' One')
  await expectAll([ada, ben], 'Hello. One')
  const earlier = sent()

  await keys.compose('n', 'ni', '')
  await expect(ada.text).toHaveText('Hello. One')
  await undo(ada)
  await expectAll([ada, ben], 'Hello.')
  expect(sent()).toBe(earlier + 1)
})

test('[U34] a dead key and a syllable that follows another are each complete at once', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: 'Hello.' })
  const ben = await studio.person('Ben')
  const keys = await InputMethod.of(ada)
  await ada.typeAtEnd(' caf')
  await keys.compose('´')
  await expect(ben.text).toHaveText('Hello. caf')
  await keys.commit('é')
  await expectAll([ada, ben], 'Hello. café')

  await keys.compose('ㅎ', '하', '한')
  await keys.commit('한')
  await keys.compose('ㄱ', '그')
  await expect(ben.text).toHaveText('Hello. café한')
  await keys.compose('글')
  await keys.commit('글')
  await expectAll([ada, ben], 'Hello. café한글')
})

test('[U35] who leaves the text in the middle of a composition commits what stands there', async ({
  studio,
}) => {
  const ada = await studio.person('Ada', { markdown: 'Hello.' })
  const ben = await studio.person('Ben')
  const keys = await InputMethod.of(ada)
  await ada.typeAtEnd('')
  await keys.compose(' one')
  await ada.page.getByRole('textbox', { name: 'Title' }).click()
  await expectAll([ada, ben], 'Hello. one')

  await ada.typeAtEnd('')
  await keys.compose(' two')
  await expect(ada.text).toContainText('Hello. one two')
  await ada.page.reload()
  await expectAll([ada, ben], 'Hello. one two')
})
