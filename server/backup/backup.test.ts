/** Backup, verify and restore on real files, with a server that writes meanwhile where it matters. */
import { open as openFile, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { silent } from '#server/log.ts'
import { SqliteStore } from '#server/store/sqlite.ts'
import { temporaryFolder } from '#server/store/testing/sqlite-harness.ts'
import { eventually } from '#server/testing/eventually.ts'
import { makeBackup } from './backup.ts'
import { restoreMerging, restoreReplacing } from './restore.ts'
import { verifyBackup } from './verify.ts'

test('[D100] a backup made while the database is written to is of one moment, and whole', async () => {
  await using world = await aWorld()
  const { store, dataDir } = world
  const writer = new Writer('plan', 1)
  await world.create('plan', writer)
  let acknowledged = 0
  let writing = true
  const typing = (async () => {
    while (writing) {
      await writer.type(store, `w${acknowledged} `)
      acknowledged++
    }
  })()

  await eventually(() => expect(acknowledged).toBeGreaterThan(20))
  const before = acknowledged
  const { documents } = await makeBackup(dataDir, world.at('backup'), silent)
  writing = false
  await typing

  expect(await verifyBackup(world.at('backup'), silent)).toMatchObject({ faults: [] })
  expect(documents).toHaveLength(1)
  const words = await world.wordsIn(world.at('backup'), 'plan')
  expect(words.length).toBeGreaterThanOrEqual(before)
  expect(words).toEqual(Array.from({ length: words.length }, (_, n) => `w${n}`))
})

test('[D101] a backup with one byte changed, or cut short, or without its manifest is told from a whole one', async () => {
  await using world = await aWorld()
  await world.create('plan', new Writer('plan', 1))
  await makeBackup(world.dataDir, world.at('backup'), silent)
  const database = join(world.at('backup'), 'gloss.sqlite')
  const whole = await readFile(database)

  for (const at of [100, Math.floor(whole.length / 2), whole.length - 1]) {
    const file = await openFile(database, 'r+')
    await file.write(Buffer.from([(whole[at] ?? 0) ^ 1]), 0, 1, at)
    await file.close()
    const { faults } = await verifyBackup(world.at('backup'), silent)
    expect(faults).toEqual([`${database} is not the file that was made`])
    const mended = await openFile(database, 'r+')
    await mended.write(whole.subarray(at, at + 1), 0, 1, at)
    await mended.close()
  }
  expect(await verifyBackup(world.at('backup'), silent)).toMatchObject({ faults: [] })
  await rm(join(world.at('backup'), 'manifest.json'))

  await expect(verifyBackup(world.at('backup'), silent)).rejects.toThrow('is no backup')
})

test('[D102] nothing is restored while a server uses the database, or from a backup that is not whole', async () => {
  await using world = await aWorld()
  const { store, dataDir } = world
  const writer = new Writer('plan', 1)
  await world.create('plan', writer)
  await makeBackup(dataDir, world.at('backup'), silent)
  await writer.type(store, 'later ')

  await expect(restoreReplacing(world.at('backup'), dataDir, silent)).rejects.toThrow(
    'Another Gloss is using the database',
  )
  await store.close()
  await rm(join(world.at('backup'), 'gloss.sqlite'))
  await expect(restoreReplacing(world.at('backup'), dataDir, silent)).rejects.toThrow('not whole')

  expect(await world.wordsIn(dataDir, 'plan')).toEqual(['later'])
})

test('[D103] replacing brings the documents back as they were, each with an epoch never given before, and keeps what was there aside', async () => {
  await using world = await aWorld()
  const { store, dataDir } = world
  const writer = new Writer('plan', 1)
  await world.create('plan', writer)
  await writer.type(store, 'kept ')
  await makeBackup(dataDir, world.at('backup'), silent)
  await writer.type(store, 'regretted ')
  await store.close()

  const { documents, aside } = await restoreReplacing(world.at('backup'), dataDir, silent)
  expect(documents).toBe(1)
  expect(await world.wordsIn(dataDir, 'plan')).toEqual(['kept'])
  expect(await world.wordsIn(aside!, 'plan')).toEqual(['kept', 'regretted'])
  const first = await world.epochIn(dataDir, 'plan')
  const again = await restoreReplacing(world.at('backup'), dataDir, silent)
  expect(again.aside).not.toBe(aside)

  expect(first).toBeGreaterThan(1)
  expect(await world.epochIn(dataDir, 'plan')).toBeGreaterThan(first)
})

test('[D104] a restored document takes edits of its new epoch and refuses those of the old one', async () => {
  await using world = await aWorld()
  const writer = new Writer('plan', 1)
  await world.create('plan', writer)
  await makeBackup(world.dataDir, world.at('backup'), silent)
  await world.store.close()
  await restoreReplacing(world.at('backup'), world.dataDir, silent)

  const store = await world.reopen()
  expect(await writer.tryType(store, 'old ', 1)).toBe('epoch')
  const { row } = (await store.load('plan'))!
  expect(await writer.tryType(store, 'new ', row.epoch)).toBe('ok')
})

test('[D105] merging adds what the database lacks, takes nothing away, and leaves alone what was restored since', async () => {
  await using world = await aWorld()
  const { dataDir } = world
  const [plan, gone, restored] = [
    new Writer('plan', 1),
    new Writer('gone', 2),
    new Writer('restored', 3),
  ]
  for (const writer of [plan, gone, restored]) await world.create(writer.document, writer)
  const early = world.at('early')
  await makeBackup(dataDir, early, silent)
  await plan.type(world.store, 'lost ')
  await gone.type(world.store, 'whole ')
  await makeBackup(dataDir, world.at('backup'), silent)
  // What a disk may do: one document is gone, another has lost its last edit, a third is another's.
  await world.store.close()
  await restoreMerging(early, world.at('other'), silent)
  await world.sql(world.at('other'), [
    "delete from document_updates where document_id = 'gone'",
    "delete from document_clients where document_id = 'gone'",
    "delete from documents where id = 'gone'",
    "update documents set epoch = 7 where id = 'restored'",
    "update document_updates set epoch = 7 where document_id = 'restored'",
  ])

  const { notes } = await restoreMerging(world.at('backup'), world.at('other'), silent)

  expect(notes).toEqual([
    'gone: was missing, is there again',
    'plan: got back what it lacked',
    'restored: was restored since, is left as it is',
  ])
  expect(await world.wordsIn(world.at('other'), 'plan')).toEqual(['lost'])
  expect(await world.wordsIn(world.at('other'), 'gone')).toEqual(['whole'])
  expect(await restoreMerging(world.at('backup'), world.at('other'), silent)).toMatchObject({
    notes: ['restored: was restored since, is left as it is'],
  })
})

test('[D106] merging takes a document that cannot be read any more from the backup, with a new epoch', async () => {
  await using world = await aWorld()
  const writer = new Writer('plan', 1)
  await world.create('plan', writer)
  await writer.type(world.store, 'kept ')
  await makeBackup(world.dataDir, world.at('backup'), silent)
  await world.store.close()
  await world.sql(world.dataDir, ["update document_updates set data = x'0000' where seq = 2"])

  const { notes } = await restoreMerging(world.at('backup'), world.dataDir, silent)

  expect(notes).toEqual(['plan: could not be read any more, is as it was in the backup'])
  expect(await world.wordsIn(world.dataDir, 'plan')).toEqual(['kept'])
  expect(await world.epochIn(world.dataDir, 'plan')).toBeGreaterThan(1)
})

test('[D107] a backup that cannot be written leaves no folder that looks like one', async () => {
  await using world = await aWorld()
  await world.create('plan', new Writer('plan', 1))
  await makeBackup(world.dataDir, world.at('backup'), silent)

  await expect(makeBackup(world.dataDir, world.at('backup'), silent)).rejects.toThrow(
    'there already',
  )
  await expect(makeBackup(world.at('nothing'), world.at('second'), silent)).rejects.toThrow()

  expect((await readdir(world.path)).sort()).toEqual(['backup', 'data'])
})

/** A person's editor: a real Y.Doc, of which each change is committed as it is. */
class Writer {
  readonly document: string
  readonly #doc = new Y.Doc()
  readonly #client: number

  constructor(document: string, client: number) {
    this.document = document
    this.#client = client
    this.#doc.clientID = client
  }

  first(): { first: Uint8Array; client: number } {
    this.#doc.getText('root').insert(0, '')
    return { first: Y.encodeStateAsUpdate(this.#doc), client: this.#client }
  }

  async type(store: SqliteStore, word: string): Promise<void> {
    expect(await this.tryType(store, word, 1)).toBe('ok')
  }

  async tryType(store: SqliteStore, word: string, epoch: number): Promise<string> {
    const before = Y.encodeStateVector(this.#doc)
    const text = this.#doc.getText('root')
    text.insert(text.length, word)
    const data = Y.encodeStateAsUpdate(this.#doc, before)
    const [result] = await store.commit([
      { document: this.document, epoch, updates: [{ actor: 'ada', data }] },
    ])
    return result?.ok ? 'ok' : (result?.refusal ?? 'no answer')
  }
}

async function aWorld() {
  const folder = await temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const openAt = (path: string) =>
    SqliteStore.open({ path: join(path, 'gloss.sqlite'), log: silent, ballastBytes: 0 })
  let store = await openAt(dataDir)
  const loadIn = async (path: string, id: string) => {
    const reader = await openAt(path)
    const loaded = await reader.load(id)
    await reader.close()
    return loaded!
  }
  return {
    path: folder.path,
    dataDir,
    store,
    at: (name: string) => join(folder.path, name),
    create: (id: string, writer: Writer) =>
      store.createDocument({ id, owner: 'ada', title: id, ...writer.first() }),
    reopen: async () => {
      store = await openAt(dataDir)
      return store
    },
    wordsIn: async (path: string, id: string) => {
      const { snapshot, updates } = await loadIn(path, id)
      const doc = new Y.Doc()
      if (snapshot) Y.applyUpdate(doc, snapshot.data)
      for (const { data } of updates) Y.applyUpdate(doc, data)
      return doc.getText('root').toString().split(' ').filter(Boolean)
    },
    epochIn: async (path: string, id: string) => (await loadIn(path, id)).row.epoch,
    sql: async (path: string, statements: string[]) => {
      const database = new DatabaseSync(join(path, 'gloss.sqlite'))
      for (const statement of statements) database.exec(statement)
      database.close()
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
