import { expect } from '@playwright/test'
import { FaultProxy } from './faults/proxy.ts'
import { NodeClient } from './node-client.ts'
import { test } from './story.ts'

test('[V100] three people type in one document and see each other’s words and names', {
  tag: '@cluster',
}, async ({ studio }) => {
  const ada = await studio.person('Ada')
  const ben = await studio.person('Ben')
  const cleo = await studio.person('Cleo')

  await Promise.all([
    ada.typeAtEnd(' Ada was here.'),
    ben.typeAtEnd(' Ben was here.'),
    cleo.typeAtEnd(' Cleo was here.'),
  ])

  for (const person of [ada, ben, cleo]) {
    await expect(person.saved).toBeVisible()
    for (const { name } of [ada, ben, cleo]) await expect(person.text).toContainText(name[0]!)
  }
  await expect
    .poll(
      async () =>
        new Set(await Promise.all([ada, ben, cleo].map(({ text }) => text.textContent()))).size,
    )
    .toBe(1)
  const letters = [...((await ada.text.textContent()) ?? '')].toSorted().join('').trim()
  const typed = [...'Once upon a time. Ada was here. Ben was here. Cleo was here.']
    .toSorted()
    .join('')
    .trim()
  expect(letters.replace(/\s/g, '')).toBe(typed.replace(/\s/g, ''))
  await expect(ada.page.locator('.caret-name', { hasText: 'Ben' })).toHaveCount(1)
})

test('[V101] without a connection one goes on writing, and everything meets again', {
  tag: '@cluster',
}, async ({ studio }) => {
  const ada = await studio.person('Ada')
  const wire = await FaultProxy.open({ targets: [studio.gloss.port] })
  const ben = await studio.person('Ben', { url: wire.url })
  await expect(ben.saved).toBeVisible()

  wire.cut()
  await ben.typeAtEnd(' Written in a tunnel.')
  await ada.typeAtEnd(' Written at home.')
  await expect(
    ben.page.getByRole('status').filter({ hasText: /Offline, \d+ edits? kept on this device/ }),
  ).toBeVisible()
  expect(await ada.text.textContent()).not.toContain('tunnel')
  wire.mend()

  await expect(ada.text).toContainText('Written in a tunnel.')
  await expect(ben.text).toContainText('Written at home.')
  await expect(ben.saved).toBeVisible()
  await wire.close()
})

test('[V102] edits made offline survive a reload', async ({ studio }) => {
  const ada = await studio.person('Ada')
  const wire = await FaultProxy.open({ targets: [studio.gloss.port] })
  const ben = await studio.person('Ben', { url: wire.url })
  await expect(ben.saved).toBeVisible()
  await studio.gloss.kill()
  await ben.typeAtEnd(' Kept here.')
  await expect(
    ben.page.getByRole('status').filter({ hasText: 'kept on this device' }),
  ).toBeVisible()

  await studio.gloss.run()
  await ben.page.reload()

  await expect(ben.text).toContainText('Kept here.')
  await expect(ada.text).toContainText('Kept here.')
  await wire.close()
})

test('[V103] a viewer reads along and cannot change anything', async ({ studio }) => {
  const ada = await studio.person('Ada', { link: 'view' })
  const eve = await studio.person('Eve')
  await expect(eve.text).toHaveAttribute('contenteditable', 'false')
  await expect(eve.page.getByText('Viewing')).toBeVisible()

  await eve.text.click()
  await eve.page.keyboard.type('Mine now')
  await ada.typeAtEnd(' Hello.')

  await expect(eve.text).toContainText('Hello.')
  await expect.poll(() => ada.content()).toBe('Once upon a time. Hello.')
  const headers = { origin: studio.gloss.url }
  const data = { command: 'continue', target: { document: true }, key: 'x' }
  const asked = await eve.context.request.post(`/api/documents/${studio.document}/runs`, {
    headers,
    data,
  })
  expect(asked.status()).toBe(403)
})

test('[V104] an unmodified y-websocket client reads and writes beside the browser', async ({
  studio,
}) => {
  const ada = await studio.person('Ada')
  const { url } = studio.gloss
  const session = await fetch(`${url}/api/session`, { method: 'POST' })
  const guest = (await session.json()) as { id: string; token: string }
  const program = new NodeClient(url, guest, studio.document)
  await expect.poll(() => program.provider.synced).toBe(true)

  program.type('programmed', 0)
  await ada.typeAtEnd(' By hand.')

  await expect(ada.text).toContainText('programmed')
  await expect.poll(() => program.text).toContain('By hand.')
  program.close()
})

test('[V105] a reload shows everything that was written, and a restart of the server too', {
  tag: '@cluster',
}, async ({ studio }) => {
  const ada = await studio.person('Ada')
  await ada.typeAtEnd(' Saved before the plug was pulled.')
  await expect(ada.saved).toBeVisible()

  await studio.gloss.kill()
  await studio.gloss.run()
  await ada.page.reload()

  await expect(ada.text).toContainText('Saved before the plug was pulled.')
  await expect.poll(() => ada.content()).toContain('Saved before the plug was pulled.')
})
