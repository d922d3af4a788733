/** `npm run gloss -- <command>`: what a person who keeps a Gloss does with its database. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeBackup } from './backup/backup.ts'
import { type Restored, restoreMerging, restoreReplacing } from './backup/restore.ts'
import { verifyBackup } from './backup/verify.ts'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { raiseEpochs } from './store/epochs.ts'
import { openOfflinePostgres } from './store/offline.ts'

const USAGE = `gloss backup <new folder>          copy what is saved, while Gloss runs
gloss verify <folder>              read a backup back and compare
gloss restore <folder>             put it in the place of the database (Gloss stopped)
gloss restore <folder> --merge     add what the database lacks (Gloss stopped)
gloss new-epoch                    after pg_restore: older copies do not flow back in

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
    options: { merge: { type: 'boolean', default: false } },
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
      const restore = values.merge ? restoreMerging : restoreReplacing
      return tell(await restore(folder, config.DATA_DIR, log))
    }
    default:
      throw new Error(`not a command\n\n${USAGE}`)
  }
}

function tell({ documents, aside, notes }: Restored): string[] {
  return [
    ...notes,
    `${documents} documents restored`,
    ...(aside ? [`what was there is in ${aside}`] : []),
  ]
}
