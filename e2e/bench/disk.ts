/**
 * How long the machine's disk takes to keep a promise. Gloss alone waits for that before anybody
 * hears of an edit, so its latencies are read beside this one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from './histogram.ts'

/** A disk that pauses does so every few seconds: fewer commits would not see it. */
const COMMITS = 600
/** As far apart as the commits of a few people who type. */
const APART_MS = 10

interface CommitTimes {
  p50: number
  p99: number
  longest: number
}

/** Milliseconds of a small commit of SQLite with `synchronous=FULL` where the servers keep theirs. */
export async function commitTimes(): Promise<CommitTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'gloss-bench-'))
  const database = new DatabaseSync(join(folder, 'disk.sqlite'))
  const times = new Histogram()
  let longest = 0
  try {
    database.exec('pragma journal_mode=wal; pragma synchronous=full; create table t (data blob)')
    const insert = database.prepare('insert into t values (zeroblob(40))')
    for (let n = 0; n < COMMITS; n++) {
      const begin = performance.now()
      insert.run()
      const ms = performance.now() - begin
      times.add(ms)
      longest = Math.max(longest, ms)
      await sleep(APART_MS)
    }
    return { p50: times.quantile(0.5), p99: times.quantile(0.99), longest }
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
