import { type Browser, expect, type Page, type WebSocketRoute } from '@playwright/test'
import { GlossProcess } from '#e2e/gloss-process.ts'
import { startModelServer } from '#e2e/model-server/model-server.ts'
import { type Person, Studio } from '#e2e/people.ts'
import { test as base } from '#e2e/story.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { buildOldTree, type OldTree } from './old-tree.ts'

/** Each story begins on a server of the old tree; `update` puts today's in its place. */
const test = base.extend<{ old: Old }, { tree: OldTree }>({
  tree: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs off its parameter
    async ({}, use) => {
      const tree = buildOldTree()
      await use(tree)
      tree.remove()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  old: async ({ browser, tree }, use) => {
    const old = await Old.start(browser, tree)
    await use(old)
    await old.close()
  },
})

class Old {
  readonly gloss: GlossProcess
  readonly studio: Studio
  readonly #close: () => Promise<void>

  private constructor(gloss: GlossProcess, studio: Studio, close: () => Promise<void>) {
    this.gloss = gloss
    this.studio = studio
    this.#close = close
  }

  static async start(browser: Browser, { folder }: OldTree): Promise<Old> {
    const gloss = await GlossProcess.start({ tree: folder })
    const model = await startModelServer()
    const studio = new Studio(browser, { gloss, model })
    return new Old(gloss, studio, async () => {
      await studio.close()
      await gloss.stop()
      await model.close()
    })
  }

  async update(): Promise<void> {
    await this.gloss.kill()
    this.gloss.update()
    await this.gloss.run()
  }

  close(): Promise<void> {
    return this.#close()
  }
}

const reloadButton = (page: Page) => page.getByRole('button', { name: 'Reload' }).first()

async function isNew(person: Person): Promise<void> {
  await expect(person.saved).toBeVisible()
  await expect(reloadButton(person.page)).toHaveCount(0)
}

test('[Y15] a page that was open over an update says "Reload", and what was typed in it before, meanwhile and since is there', async ({
  old,
}) => {
  const bob = await old.studio.person('Bob')
  await bob.typeAtEnd(' Before.')
  await expect(bob.saved).toBeVisible()

  await old.gloss.kill()
  await bob.page.keyboard.type(' Meanwhile.')
  old.gloss.update()
  await old.gloss.run()
  await expect(bob.page.getByText('Gloss was updated').first()).toBeVisible()
  // It may be typed until the page knows; from then on the text cannot be changed.
  await expect(bob.text).toHaveAttribute('contenteditable', 'false')
  const shown = (await bob.text.textContent()) ?? ''

  const ann = await old.studio.person('Ann')
  await expect(ann.text).toContainText('Before. Meanwhile.')
  await ann.typeAtEnd(' Of today.')
  await reloadButton(bob.page).click()
  await isNew(bob)
  await expect(bob.text).toHaveText(`${shown} Of today.`)
  await bob.typeAtEnd(' Both.')
  await expect(ann.text).toContainText('Of today. Both.')
})

test('[Y16] a page of before an update that can keep nothing on its device loses nothing either', async ({
  old,
}) => {
  const bob = await old.studio.person('Bob')
  await bob.page.addInitScript(() =>
    Object.defineProperty(window, 'indexedDB', { value: undefined }),
  )
  await bob.page.reload()
  await expect(bob.saved).toBeVisible()
  await old.gloss.kill()
  await bob.typeAtEnd(' Only in this tab.')

  old.gloss.update()
  await old.gloss.run()
  await expect(bob.page.getByText('Gloss was updated').first()).toBeVisible()

  await expect.poll(() => bob.content()).toContain('Only in this tab.')
})

/** 4404 and 4403 take the copy of who has saved everything; 4409 belongs to another history. */
const CODES = Object.entries(CLOSE)

test('[Y17] whatever an old page is closed with, what was typed in it reaches the server after a reload', async ({
  old,
}) => {
  const open: { bob: Person; name: string; said: string }[] = []
  for (const [name, code] of CODES) {
    let socket: WebSocketRoute | undefined
    const bob = await old.studio.person(`Bob ${name}`)
    await bob.page.routeWebSocket(/\/sync\//, (route) => {
      socket = route
      route.connectToServer()
    })
    await bob.page.reload()
    await expect(bob.saved).toBeVisible()
    await bob.typeAtEnd(` ${name}-saved`)
    await expect(bob.saved).toBeVisible()
    await socket?.close({ code, reason: name })
    // Who is not sent off for good may go on meanwhile.
    await bob.page.keyboard.type(` ${name}-after`)
    await expect(
      bob.page
        .getByRole('status')
        .filter({ hasText: /Saved|Stopped|Not saved/ })
        .first(),
    ).toBeVisible()
    open.push({ bob, name, said: (await bob.text.textContent()) ?? '' })
  }

  await old.update()
  for (const { bob, name, said } of open) {
    await bob.page.unrouteAll({ behavior: 'ignoreErrors' })
    await bob.page.reload()
    await isNew(bob)
    if (said.includes(`${name}-after`)) {
      await expect.poll(() => bob.content()).toContain(`${name}-after`)
    }
    await expect.poll(() => bob.content()).toContain(`${name}-saved`)
  }
})
