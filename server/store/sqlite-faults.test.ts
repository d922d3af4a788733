/** What is SQLite's own: one process, kill -9, a full disk, and files that are not what they seem. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { silent } from '#server/log.ts'
import { bytes, commitOne, text, withPlan, wordsOf, writing } from './contract/harness.ts'
import { SqliteStore } from './sqlite.ts'
import { engineRefusal, openDatabase } from './sqlite-files.ts'
import { openSqliteHarness, temporaryFolder } from './testing/sqlite-harness.ts'

const MIB = 1024 * 1024
const CHILD = fileURLToPath(new URL('./testing/committing-child.ts', import.meta.url))

test('[D50] a second store on the same database does not open, and does not disturb the first', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'new', 'gloss.sqlite')
  const first = await openAt(path)
  await withPlan(first)

  await expect(openAt(path)).rejects.toMatchObject({
    code: 'unavailable',
    message: `Another Gloss is using the database ${path}.`,
  })

  expect(await commitOne(first, writing(['on']))).toMatchObject({ ok: true })
  await first.close()
  const next = await openAt(path)
  expect(await wordsOf(next, 'plan')).toEqual(['first', 'on'])
  await next.close()
})

test('[D51] kill -9 right after an answer: what was answered is there, and it opens at once', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'gloss.sqlite')

  for (const answers of [1, 5, 40]) {
    const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let acknowledged = 0
    let heard = 0
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line)
      heard += 1
      if (heard === 1) {
        await expect(openAt(path)).rejects.toMatchObject({ code: 'unavailable' })
      }
      if (heard === answers) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')

    const store = await openAt(path)
    const loaded = await store.load('plan')
    await store.close()

    expect(heard).toBeGreaterThanOrEqual(answers)
    expect(loaded?.row.head).toBeGreaterThanOrEqual(acknowledged)
    expect(loaded?.updates.map(({ data }) => Number(text(data)))).toEqual(
      Array.from({ length: loaded?.row.head ?? 0 }, (_, at) => at + 1),
    )
  }
})

test('[D52] a database that may not grow says storage-full, keeps what it has, and can be read', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'gloss.sqlite')
  const small = await openAt(path, { maxPages: 100 })
  await withPlan(small)

  const kept = await fill(small, 20)
  await expect(small.commit([writing(['x'.repeat(MIB)])])).rejects.toMatchObject({
    code: 'storage-full',
  })
  const { length } = await wordsOf(small, 'plan')
  await small.close()
  const store = await openAt(path)

  expect(kept).toBeGreaterThan(0)
  expect(length).toBe(1 + kept)
  expect((await wordsOf(store, 'plan')).length).toBe(1 + kept)
  expect(await commitOne(store, writing(['room again']))).toMatchObject({ head: kept + 2 })
  await store.close()
})

test.skipIf(process.getuid?.() !== 0)(
  '[D53] on a full disk the ballast gives the room to save on',
  async ({ skip }) => {
    await using folder = await temporaryFolder()
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder.path])
    skip(mount.status !== 0, 'this machine lets nobody mount a tmpfs')
    try {
      const store = await openAt(join(folder.path, 'gloss.sqlite'), { ballastBytes: 4 * MIB })
      await withPlan(store)
      expect(statSync(join(folder.path, 'ballast.bin')).size).toBe(4 * MIB)

      const kept = await fill(store, 256)
      expect(existsSync(join(folder.path, 'ballast.bin'))).toBe(false)
      await store.probe()
      const more = await commitOne(store, writing(['saved on']))

      expect(kept).toBeGreaterThan(0)
      expect(more).toMatchObject({ ok: true, head: kept + 2 })
      expect((await wordsOf(store, 'plan')).length).toBe(kept + 2)
      await store.close()
    } finally {
      spawnSync('umount', ['-l', folder.path])
    }
  },
)

test.each([
  [{ version: '3.51.3' }, undefined],
  [{ version: '3.60.0' }, undefined],
  [{ version: '4.0.0' }, undefined],
  [{ version: '3.51.2' }, 'SQLite 3.51.2 is too old: Gloss needs 3.51.3 or newer.'],
  [{ version: '3.9.9' }, 'SQLite 3.9.9 is too old: Gloss needs 3.51.3 or newer.'],
  [{ journalMode: 'delete' }, expect.stringContaining('journal mode is delete, not wal')],
  [{ synchronous: 1 }, expect.stringContaining('synchronous mode is 1, not 2')],
])('[D54] with %j the start is refused: %s', (facts, refusal) => {
  const sound = { version: '3.53.0', journalMode: 'wal', synchronous: 2 }

  expect(engineRefusal({ ...sound, ...facts })).toEqual(refusal)
})

test('[D55] the database is opened with a WAL, full syncs and foreign keys', async () => {
  await using folder = await temporaryFolder()

  const database = openDatabase(join(folder.path, 'gloss.sqlite'))
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]

  expect(['journal_mode', 'synchronous', 'foreign_keys'].map(pragma)).toEqual(['wal', 2, 1])
  database.close()
})

test('[D56] a database of a newer Gloss is left alone', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'gloss.sqlite')
  await (await openAt(path)).close()
  const database = new DatabaseSync(path)
  database.exec(`insert into kysely_migration (name, timestamp) values ('9999-newer', 'x')`)
  database.close()

  await expect(openAt(path)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('schema version 9999-newer'),
  })
})

test('[D57] a migration that was killed half way is taken up again', async () => {
  await using harness = await openSqliteHarness()
  await withPlan(harness.store)
  await harness.execute(`delete from kysely_migration where name > '0001'`)
  await harness.execute('drop table users')

  await harness.reopen()

  await harness.store.createUser({ id: 'ada', name: 'Ada', color: '#112233' })
  expect(await wordsOf(harness.store, 'plan')).toEqual(['first'])
})

test('[D58] a file that is no database is refused and not touched', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'gloss.sqlite')
  await writeFile(path, bytes('These are somebody’s notes. '.repeat(100)))
  const { size } = statSync(path)

  await expect(openAt(path)).rejects.toMatchObject({
    code: 'unavailable',
    message: `${path} cannot be opened as a database.`,
  })
  expect(statSync(path).size).toBe(size)
})

test('[D59] a call that was under way when the store closes is answered', async () => {
  await using harness = await openSqliteHarness()
  await withPlan(harness.store)

  const under = Array.from({ length: 20 }, (_, at) => commitOne(harness.store, writing([`${at}`])))
  const closed = harness.store.close()

  expect((await Promise.all(under)).every(({ ok }) => ok)).toBe(true)
  await closed
  await harness.reopen()
  expect((await wordsOf(harness.store, 'plan')).length).toBe(21)
})

const openAt = (path: string, more: { maxPages?: number; ballastBytes?: number } = {}) =>
  SqliteStore.open({ path, log: silent, ballastBytes: 0, ...more })

/** Commits until the store says that it is full; how many it took. */
async function fill(store: SqliteStore, kibibytes: number): Promise<number> {
  for (let taken = 0; ; taken++) {
    try {
      await store.commit([writing(['x'.repeat(kibibytes * 1024)])])
    } catch (error) {
      expect(error).toMatchObject({ code: 'storage-full' })
      return taken
    }
  }
}
