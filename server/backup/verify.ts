/** Reads a backup back and compares it with what its manifest promises. Changes nothing. */
import { join } from 'node:path'
import type { Log } from '#server/log.ts'
import { load } from '#server/store/loading.ts'
import { faultsOf, readOffline } from '#server/store/offline.ts'
import { digestOf, docOf } from './digest.ts'
import { DATABASE, type Manifest, readManifest, sha256Of } from './folder.ts'

export interface Verified {
  manifest: Manifest
  /** One line each, for a person; empty where the backup is whole. */
  faults: string[]
}

/** Throws `bad-request` where the folder is no backup at all. */
export async function verifyBackup(folder: string, log: Log): Promise<Verified> {
  const manifest = await readManifest(folder)
  const path = join(folder, DATABASE)
  const sum = await sha256Of(path).catch(() => undefined)
  if (sum === undefined) return { manifest, faults: [`${path} cannot be read`] }
  if (sum !== manifest.sha256)
    return { manifest, faults: [`${path} is not the file that was made`] }
  const faults = faultsOf(path)
  if (faults.length > 0) return { manifest, faults }
  return { manifest, faults: await documentFaults(path, manifest, log) }
}

async function documentFaults(path: string, manifest: Manifest, log: Log): Promise<string[]> {
  const { sql, close } = await readOffline(path, log)
  const faults: string[] = []
  try {
    for (const { id, digest } of manifest.documents) {
      try {
        const loaded = await load(sql, id)
        if (!loaded) faults.push(`document ${id} is missing`)
        else if (digestOf(docOf(loaded)) !== digest)
          faults.push(`document ${id} says something else`)
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error))
      }
    }
  } finally {
    await close()
  }
  return faults
}
