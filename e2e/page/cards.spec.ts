import { expect } from '@playwright/test'
import { test } from '#e2e/story.ts'

test('[C91] whoever presses Accept while the line above goes away has accepted', async ({
  studio,
}) => {
  studio.model.setDefault({ text: 'The first one stands. The second one follows.' })
  const [ada, ben] = await studio.adaAndBen()
  await ada.ask('Continue writing')
  const second = ada.page.getByRole('button', { name: 'Accept: The second one follows.' })
  await expect(second).toBeVisible()

  await second.hover()
  const before = await second.boundingBox()
  await ada.page.mouse.down()
  await ben.accept('The first one stands.')
  // What was decided goes from the card after a few seconds, and the rest moves up.
  await expect.poll(async () => (await second.boundingBox())?.y).toBeLessThan(before!.y - 10)
  await ada.page.mouse.up()

  await expect(ada.provisional).toHaveCount(0)
  await expect
    .poll(() => ada.content())
    .toBe('Once upon a time.\n\nThe first one stands. The second one follows.')
})
