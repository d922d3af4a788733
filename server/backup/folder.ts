/**
 * What a backup is on disk: a folder with the database of one moment, the secret that keeps people
 * signed in, and a manifest that says what must be found in it. Owns the names and the manifest.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { GlossError } from '#shared/errors.ts'

export const DATABASE = 'gloss.sqlite'
export const SECRET = 'session-secret'
const MANIFEST = 'manifest.json'

const Manifest = z.object({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  /** Of the database file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  documents: z.array(
    z.object({
      id: z.string(),
      epoch: z.number().int(),
      head: z.number().int(),
      /** Of all that the document's log says; see digest.ts. */
      digest: z.string(),
    }),
  ),
})
export type Manifest = z.infer<typeof Manifest>

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { flush: true })
}

/** Throws `bad-request`, with one line for a person, where the folder is no backup. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new GlossError('bad-request', `${folder} is no backup: it has no ${MANIFEST}.`, cause)
  })
  try {
    return Manifest.parse(JSON.parse(text))
  } catch (cause) {
    throw new GlossError('bad-request', `${join(folder, MANIFEST)} is damaged.`, cause)
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
