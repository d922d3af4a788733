/**
 * The files of the embedded database: opened only by one process at a time, only by an SQLite
 * that keeps the promise, and with a ballast beside them that a full disk can be freed of.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'

/** Older ones have a fault by which a checkpoint can lose a WAL's last commits. */
const OLDEST_SQLITE = '3.51.3'
const SYNCHRONOUS_FULL = 2
const MIB = 1024 * 1024

export interface EngineFacts {
  version: string
  journalMode: string
  synchronous: number
}

/** Why this SQLite cannot keep what it says is saved, in one line; undefined where it can. */
export function engineRefusal({ version, journalMode, synchronous }: EngineFacts) {
  if (older(version, OLDEST_SQLITE)) {
    return `SQLite ${version} is too old: Gloss needs ${OLDEST_SQLITE} or newer.`
  }
  if (journalMode !== 'wal') {
    return `SQLite's journal mode is ${journalMode}, not wal: is the database on a network disk?`
  }
  if (synchronous !== SYNCHRONOUS_FULL) {
    return `SQLite's synchronous mode is ${synchronous}, not ${SYNCHRONOUS_FULL} (full).`
  }
  return undefined
}

/** Opens the database file, made when missing, in the mode that makes a commit durable. */
export function openDatabase(path: string, maxPages?: number): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5_000 })
  try {
    const journalMode = String(pragma(database, 'journal_mode = WAL'))
    database.exec('PRAGMA synchronous = FULL')
    if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`)

    const version = database.prepare('select sqlite_version() as version').get()?.version
    const synchronous = Number(pragma(database, 'synchronous'))
    const refusal = engineRefusal({ version: String(version), journalMode, synchronous })
    if (refusal) throw new GlossError('unavailable', refusal)
    return database
  } catch (error) {
    database.close()
    if (error instanceof GlossError) throw error
    throw new GlossError('unavailable', `${path} cannot be opened as a database.`, error)
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
}

function older(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const at = b.findIndex((part, index) => part !== (a[index] ?? 0))
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0)
}

/**
 * Takes the database at `path` for this process, until `close` or until the process ends, however
 * it ends: the kernel drops the lock. The lock is SQLite's own, on an empty database beside it.
 */
export function lockDatabase(path: string): { close(): void } {
  makeFolder(dirname(path))
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new GlossError('unavailable', `Another Gloss is using the database ${path}.`, error)
  }
  return { close: () => lock.close() }
}

/**
 * Makes a folder and those above it that are missing. Node's own recursion never ends on a file
 * system that takes no folders, such as /proc.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path)
  if (isFolder(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!isFolder(folder)) throw error
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Makes what was written to a file durable. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}

/** Makes the names of new files durable too. */
export function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/**
 * A file of no use but its size. Once the disk is full, dropping it lets SQLite move its WAL into
 * the database, and people save on while somebody makes room.
 */
export class Ballast {
  readonly #path: string
  readonly #bytes: number
  readonly #log: Log

  constructor({ path, bytes, log }: { path: string; bytes: number; log: Log }) {
    this.#path = join(dirname(path), 'ballast.bin')
    this.#bytes = bytes
    this.#log = log
  }

  /** Makes it where it is missing and there is room for twice as much. */
  keep(): void {
    try {
      this.#make()
    } catch (error) {
      this.#log.warn({ error }, 'the ballast could not be made')
    }
  }

  #make(): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
    if (size >= this.#bytes) return
    const { bavail, bsize } = statfsSync(dirname(this.#path))
    if (bavail * bsize < 2 * this.#bytes) return

    const file = openSync(this.#path, 'w')
    try {
      const block = new Uint8Array(MIB)
      for (let left = this.#bytes; left > 0; left -= MIB) {
        writeSync(file, block, 0, Math.min(left, MIB))
      }
    } finally {
      closeSync(file)
    }
  }

  drop(): void {
    if (!statSync(this.#path, { throwIfNoEntry: false })) return
    rmSync(this.#path, { force: true })
    this.#log.error({ bytes: this.#bytes }, 'the disk is full: the ballast is dropped, make room')
  }
}
