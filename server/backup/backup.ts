/** Makes a backup of the embedded database, also while a server writes to it. */
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '#server/log.ts'
import { load } from '#server/store/loading.ts'
import { copyDatabase, readOffline } from '#server/store/offline.ts'
import { syncFolder } from '#server/store/sqlite-files.ts'
import { GlossError } from '#shared/errors.ts'
import { digestOf, docOf } from './digest.ts'
import { DATABASE, type Manifest, SECRET, sha256Of, writeManifest } from './folder.ts'

/**
 * Writes all that is saved at this moment into the new folder `to`, and reads every document back
 * from there. Throws, and leaves no folder, where anything cannot be written or read whole.
 */
export async function makeBackup(dataDir: string, to: string, log: Log): Promise<Manifest> {
  const partial = `${to}.partial`
  await mkdir(to, { recursive: false, mode: 0o700 }).catch((cause: unknown) => {
    throw new GlossError('bad-request', `${to} cannot be made, or is there already.`, cause)
  })
  try {
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial, { mode: 0o700 })
    await copyDatabase(join(dataDir, DATABASE), join(partial, DATABASE))
    await copySecret(dataDir, partial)
    const manifest = await describe(partial, log)
    await writeManifest(partial, manifest)
    syncFolder(join(partial, DATABASE))
    await rename(partial, to)
    return manifest
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    await rm(to, { recursive: true, force: true })
    throw error
  }
}

async function describe(folder: string, log: Log): Promise<Manifest> {
  const path = join(folder, DATABASE)
  const { sql, close } = await readOffline(path, log)
  try {
    const rows = await sql.db.selectFrom('documents').select('id').orderBy('id').execute()
    const documents: Manifest['documents'] = []
    for (const { id } of rows) {
      const loaded = await load(sql, id)
      if (!loaded) continue
      const { epoch, head } = loaded.row
      documents.push({ id, epoch, head, digest: digestOf(docOf(loaded)) })
    }
    const madeAt = new Date().toISOString()
    return { format: 1, madeAt, sha256: await sha256Of(path), documents }
  } finally {
    await close()
  }
}

/** Absent where the secret comes from the environment: then what is there stays. */
export async function copySecret(from: string, to: string): Promise<void> {
  const partial = join(to, `${SECRET}.partial`)
  try {
    await copyFile(join(from, SECRET), partial)
    await rename(partial, join(to, SECRET))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
