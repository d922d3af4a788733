/** `npm run gloss -- <command>`: what a person who keeps a Gloss does with its database. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeBackup } from './backup/backup.ts'
import { DATABASE } from './backup/folder.ts'
import { type Restored, restoreMerging, restoreReplacing } from './backup/restore.ts'
import { verifyBackup } from './backup/verify.ts'
import { type Config, readConfig } from './config.ts'
import { createLog, type Log } from './log.ts'
import { epochs, raiseEpochs } from './store/epochs.ts'
import { openOffline, openOfflinePostgres } from './store/offline.ts'
import type { Sql } from './store/sql-dialect.ts'
import { lockDatabase } from './store/sqlite-files.ts'
import { endTakingBack, takeBack } from './store/taking-back.ts'

const TAKING_BACK =
  'for seven days people’s pages give back all they have; `gloss take-back --end` ends that'

const USAGE = `gloss backup <new folder>          copy what is saved, while Gloss runs
gloss verify <folder>              read a backup back and compare
gloss restore <folder>             put it in the place of the database (Gloss stopped)
gloss restore <folder> --merge     add what the database lacks (Gloss stopped)
gloss new-epoch                    after pg_restore: older copies do not flow back in
gloss take-back                    after pg_restore: pages give back all they have, for seven days
gloss take-back --end              (also after restore --merge) only what is one's own, as always

DATA_DIR and DATABASE_URL say which database, as for \`npm start\`.`

try {
  const lines = await run(process.argv.slice(2))
  process.stdout.write(`${lines.join('\n')}\n`)
} catch (error) {
  process.stderr.write(`gloss: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function run(args: string[]): Promise<string[]> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      merge: { type: 'boolean', default: false },
      end: { type: 'boolean', default: false },
    },
  })
  const [command, given, ...more] = positionals
  const config = readConfig(process.env)
  const log = createLog(config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL)
  if (command === 'new-epoch' && given === undefined) {
    if (!config.DATABASE_URL) throw new Error('new-epoch is for Postgres; `restore` does it here')
    const { sql, close } = await openOfflinePostgres(config.DATABASE_URL, log)
    try {
      const documents = await raiseEpochs(sql, Math.floor(Date.now() / 1000))
      return [`${documents} documents have a new epoch`]
    } finally {
      await close()
    }
  }
  if (command === 'take-back' && given === undefined) {
    await takingBack(config, log, values.end)
    return [values.end ? 'nothing more is taken back' : TAKING_BACK]
  }
  if (!given || more.length > 0) throw new Error(`not a command\n\n${USAGE}`)
  const folder = resolve(given)
  if (command === 'verify') {
    const { manifest, faults } = await verifyBackup(folder, log)
    if (faults.length > 0) throw new Error(`the backup is not whole\n${faults.join('\n')}`)
    return [`whole: ${manifest.documents.length} documents, made ${manifest.madeAt}`]
  }
  if (config.DATABASE_URL) {
    throw new Error('DATABASE_URL is set: use pg_dump and pg_restore, as the README says')
  }
  switch (command) {
    case 'backup': {
      const { documents, sha256 } = await makeBackup(config.DATA_DIR, folder, log)
      return [`${folder}: ${documents.length} documents`, `sha256 ${sha256}`]
    }
    case 'restore': {
      if (!values.merge) return tell(await restoreReplacing(folder, config.DATA_DIR, log))
      return [...tell(await restoreMerging(folder, config.DATA_DIR, log)), TAKING_BACK]
    }
    default:
      throw new Error(`not a command\n\n${USAGE}`)
  }
}

/** Begins or ends it in all documents of the database that is configured. */
async function takingBack(config: Config, log: Log, ends: boolean): Promise<void> {
  const change = async (sql: Sql) =>
    ends ? endTakingBack(sql) : takeBack(sql, [...(await epochs(sql)).keys()])
  const path = join(config.DATA_DIR, DATABASE)
  const lock = config.DATABASE_URL ? undefined : lockDatabase(path)
  try {
    const { sql, close } = await (config.DATABASE_URL
      ? openOfflinePostgres(config.DATABASE_URL, log)
      : openOffline(path, log))
    await change(sql).finally(close)
  } finally {
    lock?.close()
  }
}

function tell({ documents, aside, notes }: Restored): string[] {
  return [
    ...notes,
    `${documents} documents restored`,
    ...(aside ? [`what was there is in ${aside}`] : []),
  ]
}
