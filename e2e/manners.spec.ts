import { expect } from '@playwright/test'
import type { Person } from './people.ts'
import { test } from './story.ts'

test('[V190] an address that leads nowhere is told on a page, and to programs as a problem', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const response = await ada.page.goto('/nowhere/at/all')
  expect(response?.status()).toBe(404)
  await expect(ada.page.getByText('There is nothing at this address')).toBeVisible()
  await ada.page.getByRole('link', { name: 'Go to my documents' }).click()
  await expect(ada.page.getByRole('list', { name: 'Documents' })).toBeVisible()

  const asked = await fetch(`${studio.gloss.url}/api/nowhere`, { headers: { accept: 'text/html' } })
  expect(asked.headers.get('content-type')).toContain('problem+json')
})

test('[V191] whoever stops the co-pilot sees it stopped, with who it was', async ({ studio }) => {
  studio.model.script({ text: 'A sentence that goes on. '.repeat(40), fault: 'hold', at: 12 })
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await ada.ask('Write on and on')
  await expect(ben.provisional.first()).toBeVisible()

  await ben.cards.getByRole('button', { name: 'Stop' }).click()

  await expect(ben.cards.getByText('Stopped by Ben')).toBeVisible()
  await expect(ben.cards.getByText('is writing')).toHaveCount(0)
})

test('[V192] a co-pilot with nothing to suggest says so, and is gone again', async ({ studio }) => {
  studio.model.setDefault({ text: '@@ none' })
  const ada = await studio.person('Ada', { markdown: 'All is well here.' })
  await ada.text.getByText('All is well').click({ clickCount: 3 })
  await ada.ask('Proofread')
  await expect(ada.cards.getByText('Nothing to suggest.')).toBeVisible()
  await expect(ada.cards).toHaveCount(0)
})

test('[V193] a name stands at a caret that moves, leaves when it rests, and stays within the page', async ({
  studio,
}) => {
  const ada = await studio.person('Ada Lovelace of the long name')
  const ben = await studio.person('Ben')
  await ben.page.setViewportSize({ width: 390, height: 844 })
  await ada.typeAtEnd(' It was dark there')
  const name = ben.page.locator('.caret-name', { hasText: 'Ada' })
  // It stands for three seconds after a key, in which a busy machine may not look.
  const isShown = () =>
    expect(async () => {
      await ada.page.keyboard.type('.')
      await expect(name).toHaveCSS('opacity', '1', { timeout: 2_000 })
    }).toPass()
  await isShown()
  const rightEdge = async () => {
    const box = await name.boundingBox()
    return (box?.x ?? 0) + (box?.width ?? 999)
  }
  await expect.poll(rightEdge).toBeLessThanOrEqual(390)

  await expect(name).toHaveCSS('opacity', '0')
  await isShown()
})

test('[V194] a slash that stands in the text opens no menu for who only puts the caret there', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  await ada.typeAtEnd('')
  await ada.page.keyboard.press('Enter')
  await ada.page.keyboard.type('/')
  const menu = ada.page.locator('.slash')
  await expect(menu).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await expect(menu).toHaveCount(0)

  const ben = await studio.person('Ben')
  await ben.text.locator('p').last().click()
  await ben.page.keyboard.press('End')
  await expect(ada.page.locator('.caret-name', { hasText: 'Ben' })).toHaveCount(1)
  await expect(ben.page.locator('.slash')).toHaveCount(0)
  await ben.page.keyboard.type('h')
  await expect(ben.page.locator('.slash')).toBeVisible()
})

test('[V195] after a restart everybody is back on the socket, and nobody goes by plain requests', async ({
  studio,
}) => {
  const people = [await studio.person('Ada'), await studio.person('Ben')]
  const polled: string[] = []
  for (const { page } of people) {
    page.on('request', (request) => {
      if (/\/api\/documents\/[^/]+\/sync/.test(request.url())) polled.push(request.url())
    })
  }
  const failed = people.map(async ({ page }) => {
    for (let times = 0; times < 3; times++) await page.waitForEvent('websocket')
  })
  await studio.gloss.kill()
  await Promise.all(failed)
  await studio.gloss.run()

  for (const person of people) {
    await expect(person.saved).toHaveText('Saved')
    await person.typeAtEnd(` ${person.name} is back.`)
  }
  await expect(people[0]!.text).toContainText('Ben is back.')
  expect(polled).toEqual([])
})

const LONG = Array.from({ length: 30 }, (_, n) => `Paragraph ${n} of a long letter.`).join('\n\n')

test('[V196] whom one follows stays in view, until one scrolls oneself', async ({ studio }) => {
  const ada = await studio.person('Ada', { markdown: LONG })
  const ben = await studio.person('Ben')
  await ada.text.getByText('Paragraph 1 of').click()
  const caret = ben.page.locator('.caret', { hasText: 'Ada' })
  await expect(caret).toBeInViewport()

  await ben.page.getByRole('button', { name: 'Ada', exact: true }).click()
  await expect(ben.page.getByText('Following Ada')).toBeVisible()
  await ada.typeAtEnd(' The end.')
  await expect(ben.text.getByText('The end.')).toBeInViewport()

  await ben.page.mouse.move(700, 400)
  await ben.page.mouse.wheel(0, -200)
  await expect(ben.page.getByText('Following Ada')).toHaveCount(0)
  await ada.page.keyboard.press('Control+Home')
  await ada.page.keyboard.type('Dear all. ')
  await expect(ben.text).toContainText('Dear all.')
  await expect(ben.text.getByText('Dear all.')).not.toBeInViewport()
})

test('[V197] before there is a word a card stands where the co-pilot was asked, for everybody', async ({
  studio,
}) => {
  studio.model.setDefault({ fault: 'hold' })
  const ada = await studio.person('Ada', { markdown: LONG })
  const ben = await studio.person('Ben')
  await ada.text.getByText('Paragraph 8 of').click()
  await ada.ask('Say more')
  for (const person of [ada, ben]) await standsBeside(person, 'Paragraph 8 of')

  await ben.text.getByText('Paragraph 0 of').click()
  await ben.page.keyboard.press('Home')
  await ben.page.keyboard.type('Dear all, ')
  await ben.page.keyboard.press('Enter')
  for (const person of [ada, ben]) {
    await expect(person.text.locator('p')).toHaveCount(31)
    await standsBeside(person, 'Paragraph 8 of')
  }

  await ben.page.reload()
  await standsBeside(ben, 'Paragraph 8 of')
})

/** Waits until the only card is at the height of these words. */
async function standsBeside({ cards, text }: Person, words: string): Promise<void> {
  await expect(cards).toHaveCount(1)
  const distance = async () => {
    const card = await cards.boundingBox()
    const asked = await text.getByText(words).boundingBox()
    return Math.abs((card?.y ?? 9e9) - (asked?.y ?? 0))
  }
  await expect.poll(distance).toBeLessThan(30)
}

test('[V200] leaving is asked about where something would be lost, and not where all is saved', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  await ben.typeAtEnd(' In time.')
  await expect(ben.saved).toBeVisible()
  const asked: string[] = []
  ben.page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    return dialog.accept()
  })
  await ben.page.reload()
  await expect(ben.text).toContainText('In time.')
  expect(asked).toEqual([])

  // Refused, and so on no device either once the tab is gone.
  await ben.context.route(`**/api/documents/${studio.document}`, (route) => route.abort())
  await ada.context.request.patch(`/api/documents/${studio.document}`, {
    headers: { origin: studio.gloss.url },
    data: { linkRole: 'view' },
  })
  await ben.typeAtEnd('')
  await ben.page.keyboard.insertText(' Too late.')
  await expect(ben.page.getByRole('alert')).toBeVisible()
  await ben.context.unrouteAll()
  await ben.page.reload()
  expect(asked).toEqual(['beforeunload'])
})

test('[V201] a page that is older than the document says so and sends nothing', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  await ada.context.route(`**/api/documents/${studio.document}`, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), schema: 999 } })
  })
  const sockets: string[] = []
  ada.page.on('websocket', (socket) => sockets.push(socket.url()))
  await ada.page.reload()

  await expect(ada.page.getByText('Gloss was updated.')).toBeVisible()
  await expect(ada.text).toHaveAttribute('contenteditable', 'false')
  await expect(ada.text).toContainText('Once upon a time.')
  expect(sockets).toEqual([])

  // Without a copy on the device there is nothing to show, and that is said too.
  await ada.page.evaluate(async () => {
    for (const { name = '' } of await indexedDB.databases()) indexedDB.deleteDatabase(name)
  })
  await ada.page.reload()
  await expect(ada.page.getByRole('heading', { name: 'Gloss was updated' })).toBeVisible()
  await expect(ada.page.getByRole('button', { name: 'Reload' })).toBeVisible()
})
