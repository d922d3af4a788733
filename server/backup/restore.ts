/**
 * Brings a backup back, in one of two ways. *Replace*: the documents are again as they were, with
 * new epochs, so that nobody's newer copy flows back in. *Merge*: what the database lacks is added
 * and nothing is taken away. Either way the database that was there is kept aside.
 */
import { link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as Y from 'yjs'
import type { Log } from '#server/log.ts'
import { commit } from '#server/store/commit.ts'
import { epochs, raiseEpochs } from '#server/store/epochs.ts'
import { load } from '#server/store/loading.ts'
import { copyDatabase, openOffline, readOffline } from '#server/store/offline.ts'
import type { Sql } from '#server/store/sql-dialect.ts'
import { lockDatabase, makeFolder, syncFolder } from '#server/store/sqlite-files.ts'
import { takeBack } from '#server/store/taking-back.ts'
import { transplant, transplantUsers } from '#server/store/transplant.ts'
import { GlossError } from '#shared/errors.ts'
import { copySecret } from './backup.ts'
import { digestOf, docOf } from './digest.ts'
import { DATABASE, type Manifest, SECRET } from './folder.ts'
import { verifyBackup } from './verify.ts'

/** The log's actor of what a merge adds. */
const ACTOR = 'restore'

export interface Restored {
  documents: number
  /** Where the files that were there are now; undefined where there were none. */
  aside: string | undefined
  /** What a person should know, a line each. */
  notes: string[]
}

/**
 * Puts the backup in the place of the database. Throws one line where the backup is not whole or
 * while a Gloss uses the database; then nothing has changed.
 */
export async function restoreReplacing(
  folder: string,
  dataDir: string,
  log: Log,
  now = Date.now(),
): Promise<Restored> {
  await demandWhole(folder, log)
  makeFolder(dataDir)
  const target = join(dataDir, DATABASE)
  const lock = lockDatabase(target)
  try {
    const coming = join(dataDir, `${DATABASE}.restoring`)
    await rm(coming, { force: true })
    await copyDatabase(join(folder, DATABASE), coming)
    // Seconds rise on every machine: an epoch is never given twice, even where the old is lost.
    const atLeast = Math.max(Math.floor(now / 1000), (await newestEpoch(target, log)) + 1)
    const { sql, close } = await openOffline(coming, log)
    let documents: number
    try {
      documents = await raiseEpochs(sql, atLeast)
    } finally {
      await close()
    }
    const aside = await putAside(dataDir, now)
    await rename(coming, target)
    await copySecret(folder, dataDir)
    syncFolder(target)
    return { documents, aside, notes: [] }
  } finally {
    lock.close()
  }
}

/**
 * Adds what the database lacks: documents, edits, people. A document that cannot be read any more
 * is taken from the backup, with a new epoch; one that was restored since is left as it is. All
 * others take back for a while what people's pages have of them (store/taking-back.ts).
 */
export async function restoreMerging(
  folder: string,
  dataDir: string,
  log: Log,
  now = Date.now(),
): Promise<Restored> {
  const manifest = await demandWhole(folder, log)
  makeFolder(dataDir)
  const target = join(dataDir, DATABASE)
  const lock = lockDatabase(target)
  try {
    const names = await readdir(dataDir)
    if (!names.includes(DATABASE)) {
      await copyDatabase(join(folder, DATABASE), target)
      await copySecret(folder, dataDir)
      const copy = await openOffline(target, log)
      try {
        await takeBackAll(copy.sql, manifest)
      } finally {
        await copy.close()
      }
      return { documents: manifest.documents.length, aside: undefined, notes: [] }
    }
    const aside = join(dataDir, asideName(now))
    await mkdir(aside, { mode: 0o700 })
    await copyDatabase(target, join(aside, DATABASE))
    const from = await readOffline(join(folder, DATABASE), log)
    const to = await openOffline(target, log)
    try {
      await transplantUsers(from.sql, to.sql)
      const notes: string[] = []
      for (const { id } of manifest.documents) {
        const note = await mergeOne(from.sql, to.sql, id, Math.floor(now / 1000))
        if (note) notes.push(`${id}: ${note}`)
      }
      await takeBackAll(to.sql, manifest)
      return { documents: notes.length, aside, notes }
    } finally {
      await from.close()
      await to.close()
    }
  } finally {
    lock.close()
  }
}

/** Of documents with another epoch pages hold another history, which they keep to themselves. */
async function takeBackAll(sql: Sql, { documents }: Manifest): Promise<void> {
  const now = await epochs(sql)
  const same = documents.filter(({ id, epoch }) => now.get(id) === epoch)
  await takeBack(
    sql,
    same.map(({ id }) => id),
  )
}

/** What was done with the document, undefined where nothing had to be. */
async function mergeOne(
  from: Sql,
  to: Sql,
  id: string,
  epoch: number,
): Promise<string | undefined> {
  const old = await load(from, id)
  if (!old) throw new GlossError('unavailable', `document ${id} is not in the backup`)
  const now = await load(to, id).catch((error: unknown) => {
    if (error instanceof GlossError) return 'damaged' as const
    throw error
  })
  if (now === undefined) {
    await transplant(from, to, id)
    return 'was missing, is there again'
  }
  if (now === 'damaged') {
    await transplant(from, to, id)
    await raiseEpochs(to, epoch, id)
    return 'could not be read any more, is as it was in the backup'
  }
  if (now.row.epoch !== old.row.epoch) return 'was restored since, is left as it is'

  const doc = docOf(now)
  const before = digestOf(doc)
  const data = Y.encodeStateAsUpdate(docOf(old), Y.encodeStateVector(doc))
  Y.applyUpdate(doc, data)
  if (digestOf(doc) === before) return undefined
  const clients = [...old.clients]
    .filter(([client]) => !now.clients.has(client))
    .map(([client, owner]) => ({ client, owner }))
  const [result] = await commit(to, [
    { document: id, epoch: now.row.epoch, updates: [{ actor: ACTOR, data }], clients },
  ])
  if (!result?.ok) return `could not be merged (${result?.refusal ?? 'no answer'})`
  return 'got back what it lacked'
}

async function demandWhole(folder: string, log: Log) {
  const { manifest, faults } = await verifyBackup(folder, log)
  if (faults.length === 0) return manifest
  throw new GlossError('unavailable', `The backup is not whole: ${faults.join('; ')}.`)
}

/** 0 where there is no database, or none that can be read. */
async function newestEpoch(path: string, log: Log): Promise<number> {
  const there = await readOffline(path, log).catch(() => undefined)
  if (!there) return 0
  try {
    return Math.max(0, ...(await epochs(there.sql)).values())
  } catch (error) {
    log.warn({ error }, 'the database that is replaced cannot be read')
    return 0
  } finally {
    await there.close()
  }
}

/**
 * Keeps what is there under another name, without taking it away: at every moment there is a
 * database, and a new one never meets the WAL of an old one.
 */
async function putAside(dataDir: string, now: number): Promise<string | undefined> {
  const there = await readdir(dataDir)
  if (!there.includes(DATABASE)) return undefined
  const aside = join(dataDir, asideName(now))
  await mkdir(aside, { mode: 0o700 })
  await link(join(dataDir, DATABASE), join(aside, DATABASE))
  if (there.includes(SECRET)) await link(join(dataDir, SECRET), join(aside, SECRET))
  for (const name of [`${DATABASE}-wal`, `${DATABASE}-shm`]) {
    if (there.includes(name)) await rename(join(dataDir, name), join(aside, name))
  }
  return aside
}

const asideName = (now: number): string =>
  `before-restore-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
