import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './story.ts'

test('[V182] a tab from before a restore says so, gives its copy away, and starts over with what was restored', async ({
  ownStudio,
}) => {
  const studio = await ownStudio()
  const ada = await studio.person('Ada')
  const { dataDir } = studio.alone
  await ada.typeAtEnd(' Kept.')
  await expect.poll(() => ada.content()).toContain('Kept.')
  gloss(dataDir, 'backup', join(dataDir, 'backup'))
  await ada.typeAtEnd(' Regretted.')
  await expect.poll(() => ada.content()).toContain('Regretted.')

  await studio.alone.terminate()
  gloss(dataDir, 'restore', join(dataDir, 'backup'))
  await studio.alone.run()

  const banner = ada.page.getByRole('alert').filter({ hasText: 'restored to an earlier version' })
  await expect(banner).toBeVisible()
  await expect(ada.text).toContainText('Regretted.')
  const download = ada.page.waitForEvent('download')
  await banner.getByRole('button', { name: 'Download my copy' }).click()
  expect(readFileSync(await (await download).path(), 'utf8')).toContain('Regretted.')
  // Loading the page again brings the same question: its copy on this device is from before, too.
  await ada.page.reload()
  await expect(banner).toBeVisible()

  await banner.getByRole('button', { name: 'Start over' }).click()
  await expect(ada.text).toContainText('Kept.')
  await expect(ada.text).not.toContainText('Regretted.')
  await ada.typeAtEnd(' On we go.')
  await expect(ada.saved).toBeVisible()
  await expect.poll(() => ada.content()).toMatch(/Kept\. On we go\.$/)
})

function gloss(dataDir: string, ...args: string[]): void {
  execFileSync(process.execPath, ['server/gloss.ts', ...args], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir },
  })
}
