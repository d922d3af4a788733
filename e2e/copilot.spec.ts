import { expect } from '@playwright/test'
import type { Person, Studio } from './people.ts'
import { test } from './story.ts'

const SENTENCES = 'The first one stands. The second one follows. The third one ends it.'

async function three(studio: Studio): Promise<[Person, Person, Person]> {
  return [...(await studio.adaAndBen()), await studio.person('Cleo')]
}

/** Begins to note when each word comes to stand on a page. */
const watchWords = async ({ page, text }: Person) =>
  page.evaluate(
    (element) => {
      const seen: Record<string, number> = {}
      Object.assign(window, { seen })
      const look = () => {
        for (const [word] of (element?.textContent ?? '').matchAll(/\bw\d+\b/g)) {
          seen[word] ??= performance.timeOrigin + performance.now()
        }
      }
      new MutationObserver(look).observe(element!, {
        subtree: true,
        childList: true,
        characterData: true,
      })
    },
    await text.elementHandle(),
  )

/** Waits until a word stands on a page, and says since when. */
async function seenAt({ page }: Person, word: string): Promise<number> {
  const seen = await page.waitForFunction(
    (word) => (window as never as { seen: Record<string, number> }).seen[word],
    word,
    { timeout: 30_000 },
  )
  return Number(await seen.jsonValue())
}

// How soon is the bench's to say, and only printed here: a busy machine has no soon. The model
// waits until a word has been seen, which is certain to be whole when the next one begins.
test('[V110] each word is seen by all three once the next has begun, before the model says more', {
  tag: '@cluster',
}, async ({ studio }) => {
  const people = await three(studio)
  const words = Array.from({ length: 20 }, (_, n) => `w${n}`)
  studio.model.script({ text: `${words.join(' ')}.`, fault: 'lock-step', at: 1 })
  for (const person of people) await watchWords(person)
  await people[0].ask('Continue writing')

  const delays: number[] = []
  for (const [n, word] of words.slice(0, -1).entries()) {
    await studio.model.waitFor(({ holding, tokensSent }) => holding && tokensSent === n + 1)
    const said = Date.now()
    studio.model.release()
    const seen = await Promise.all(people.map((person) => seenAt(person, word)))
    delays.push(...seen.map((at) => at - said))
  }
  for (const { text } of people) await expect(text).toContainText('w19.')

  delays.sort((a, b) => a - b)
  const at = (share: number) => Math.round(delays[Math.floor(delays.length * share)]!)
  const said = `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(0.999)} ms`
  test.info().annotations.push({ type: 'token to browser', description: said })
  process.stdout.write(`token to the browsers: ${said}\n`)
})

test('[V111] two people decide while it is still being written', { tag: '@cluster' }, async ({
  studio,
}) => {
  const [ada, ben, cleo] = await three(studio)
  studio.model.script({ text: SENTENCES, fault: 'hold', at: 10, delay: 20 })
  await ada.ask('Continue writing')
  await expect(cleo.provisional.first()).toBeVisible()

  await ben.accept('The first one stands.')
  await cleo.reject('The second one follows.')
  await expect(ada.text).not.toContainText('The second one follows.')
  await studio.model.resume()

  for (const person of [ada, ben, cleo]) {
    await expect(person.text).toContainText('The third one ends it.')
    await expect(person.provisional).toHaveText(/The third one ends it\./)
  }
  await expect.poll(() => ada.content()).toBe('Once upon a time.\n\nThe first one stands.')
  await ada.accept('The third one ends it.')
  await expect(ben.provisional).toHaveCount(0)
  await expect
    .poll(() => ada.content())
    .toBe('Once upon a time.\n\nThe first one stands. The third one ends it.')
})

test('[V112] what somebody types into provisional text is theirs and outlives a reject', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen()
  studio.model.script({ text: 'A suggestion for you.' })
  await ada.ask('Continue writing')
  await expect(ben.text).toContainText('A suggestion for you.')

  await ben.provisional.first().dblclick({ position: { x: 30, y: 8 } })
  await ben.page.keyboard.press('ArrowRight')
  await ben.page.keyboard.type('MINE')
  await expect(ada.text).toContainText('MINE')
  await expect(ada.text.locator('.prov-ins', { hasText: 'MINE' })).toHaveCount(0)
  await ada.page.getByRole('button', { name: 'Reject all' }).click()

  await expect(ben.provisional).toHaveCount(0)
  await expect(ben.text).toContainText('MINE')
  await expect
    .poll(async () => (await ben.content()).replace(/\s+/g, ' '))
    .toBe('Once upon a time. MINE')
})

test('[V113] a reload in mid-stream misses nothing', { tag: '@cluster' }, async ({ studio }) => {
  const [ada, ben] = await studio.adaAndBen()
  studio.model.script({ text: SENTENCES, fault: 'hold', at: 6 })
  await ada.ask('Continue writing')
  await expect(ben.provisional.first()).toBeVisible()

  await ben.page.reload()
  await expect(ben.provisional.first()).toBeVisible()
  await studio.model.resume()

  await expect(ben.text).toContainText(SENTENCES)
  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toBeVisible()
})

test('[V114] a server killed in mid-stream leaves the text so far, the reason, and Continue', async ({
  ownStudio,
}) => {
  const studio = await ownStudio({
    env: { GLOSS_LIMITS: JSON.stringify({ leaseMs: 2_000, sweepMs: 500 }) },
  })
  const [ada, ben] = await studio.adaAndBen()
  studio.model.script({ text: SENTENCES, fault: 'hold', at: 6 })
  await ada.ask('Continue writing')
  await expect(ben.text).toContainText('The first one stands.')

  await studio.gloss.kill()
  await studio.gloss.run()

  await expect(ben.page.getByText(/Interrupted/).first()).toBeVisible()
  await expect(ben.text).toContainText('The first one stands.')
  studio.model.script({ text: ' Taken up again.' })
  await ben.page.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(ada.text).toContainText('Taken up again.')
})

test('[V115] with the event stream blocked the text still arrives', async ({ studio }) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await ben.context.route('**/events*', (route) => route.abort())
  await ben.page.reload()
  await expect(ben.text).toBeVisible()
  studio.model.script({ text: SENTENCES, delay: 20 })

  await ada.ask('Continue writing')

  await expect(ben.text).toContainText(SENTENCES)
  await ben.accept('The first one stands.')
  await expect.poll(() => ada.content()).toBe('Once upon a time.\n\nThe first one stands.')
})

test('[V116] Ctrl+Z takes one’s own decision back, for everybody', async ({ studio }) => {
  const [ada, ben] = await studio.adaAndBen()
  studio.model.script({ text: SENTENCES })
  await ada.ask('Continue writing')
  await expect(ben.page.getByRole('button', { name: 'Accept all' })).toBeVisible()

  await ben.reject('The second one follows.')
  await expect(ada.text).not.toContainText('The second one follows.')
  await ben.text.click()
  await ben.page.keyboard.press('Control+z')

  for (const person of [ada, ben]) {
    await expect(person.text).toContainText('The second one follows.')
    await expect(person.page.getByRole('button', { name: /^Accept: The second/ })).toBeVisible()
  }
})

test('[V117] composing goes on undisturbed while a run streams beside it', async ({ studio }) => {
  const ada = await studio.person('Ada', { markdown: 'Here: .' })
  const ben = await studio.person('Ben')
  studio.model.script({ text: 'Streaming words come in here.', fault: 'hold', at: 2, delay: 10 })
  await ada.text.click()
  await ada.page.keyboard.press('Control+Home')
  for (let n = 0; n < 6; n++) await ada.page.keyboard.press('ArrowRight')
  const input = await ada.context.newCDPSession(ada.page)
  const compose = (text: string) =>
    input.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    })

  await compose('に')
  await ben.ask('Continue writing')
  await expect(ben.provisional.first()).toBeVisible()
  await compose('にほ')
  await studio.model.resume()
  await expect(ben.text).toContainText('Streaming words come in here.')
  await compose('にほん')
  await input.send('Input.insertText', { text: '日本' })

  await expect(ben.text).toContainText('Here: 日本.')
  await expect(ada.text).toContainText('Here: 日本.')
  await expect(ada.text).toContainText('Streaming words come in here.')
  await expect.poll(() => ada.content()).toBe('Here: 日本.')
})

test('[V118] stop, by anybody, is seen upstream and by all', { tag: '@cluster' }, async ({
  studio,
}) => {
  const [ada, ben, cleo] = await three(studio)
  studio.model.script({ text: 'More and more of it. '.repeat(200), fault: 'hold', at: 40 })
  await ada.ask('Continue writing')
  await expect(ben.provisional.first()).toBeVisible()

  await ben.page.getByRole('button', { name: 'Stop', exact: true }).click()

  const request = await studio.model.waitFor(({ closedBy }) => closedBy === 'client')
  expect(request.tokensSent).toBe(40)
  await expect(cleo.cards.getByText('Stopped by Ben')).toBeVisible()
  await cleo.page.getByRole('button', { name: 'Reject all' }).click()
  await expect(ada.provisional).toHaveCount(0)
  await expect.poll(() => ada.content()).toBe('Once upon a time.')
})

test('[V119] a rewrite strikes the old words and stands beside them until somebody decides', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen(
    'This is a very long sentence that says little. Keep this one.',
  )
  await ada.text.click()
  await ada.page.keyboard.press('Control+a')
  await ada.ask('Make shorter')

  await expect(ben.text.locator('.prov-del').first()).toBeVisible()
  await expect(ben.provisional.first()).toBeVisible()
  const before = 'This is a very long sentence that says little. Keep this one.'
  await expect.poll(() => ben.content()).toBe(before)
  await ben.page.getByRole('button', { name: 'Accept all' }).click()

  await expect(ada.text.locator('.prov-del')).toHaveCount(0)
  await expect.poll(() => ada.content()).not.toBe(before)
})

test('[V120] without a model the built-in engine proofreads, and says what it is', async ({
  ownStudio,
}) => {
  const studio = await ownStudio({ model: false })
  const ada = await studio.person('Ada', { markdown: 'This are definately wrong.' })
  const ben = await studio.person('Ben')
  await expect(ada.page.getByText(/Built-in engine/).first()).toBeVisible()

  await ada.ask('Proofread')

  await expect(ben.provisional.first()).toBeVisible({ timeout: 90_000 })
  await ben.page.getByRole('button', { name: 'Accept all' }).click()
  await expect.poll(() => ada.content()).toContain('definitely')
})

test('[V121] a model that fails says so in a sentence, and the text so far is kept', async ({
  studio,
}) => {
  const [ada, ben] = await studio.adaAndBen()
  studio.model.script({ text: SENTENCES, fault: 'reset', at: 6 }, { status: 401 })
  await ada.ask('Continue writing')

  await expect(ben.cards.first()).toContainText(/What it wrote so far is kept/)
  await expect(ben.text).toContainText('The first one stands.')
  await expect(ben.page.getByRole('button', { name: 'Continue', exact: true })).toBeVisible()
})
