import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { open } from './open.ts'
import { temporaryFolder } from './store/testing/sqlite-harness.ts'

test('[H244] a data folder that cannot be made stops the start with one line that names it, and never hangs', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(join(folder.path, 'file'), '')

  for (const DATA_DIR of ['/proc/x', '/proc/x/y', '/dev/null/x', join(folder.path, 'file')]) {
    await expect(open({ DATA_DIR })).rejects.toThrow(
      new RegExp(`^DATA_DIR: ${DATA_DIR} is no folder that can be written to \\(E[A-Z]+\\)$`),
    )
  }
})
