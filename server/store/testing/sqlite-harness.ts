/** Stores on SQLite for tests: each in a folder of its own, which goes when the test ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { silent } from '#server/log.ts'
import type { StoreHarness } from '../document-store.contract.ts'
import { SqliteStore } from '../sqlite.ts'

/** A folder that is removed at the end of the test's scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'gloss-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

export async function openSqliteHarness(limits?: { documentBytes: number }): Promise<StoreHarness> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'gloss.sqlite')
  const open = () =>
    SqliteStore.open({ path, log: silent, ballastBytes: 0, ...(limits && { limits }) })
  let store = await open()
  return {
    get store() {
      return store
    },
    async reopen() {
      await store.close()
      store = await open()
    },
    async execute(statement) {
      const database = new DatabaseSync(path, { timeout: 5_000 })
      database.exec(statement)
      database.close()
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
