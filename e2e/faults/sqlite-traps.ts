/**
 * The traps on SQLite: triggers that count so far that a statement never ends. Before the first
 * write a compaction leaves nothing on the disk that could differ, so the first trap is there.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { AGE_MS, newestOf, PATIENCE_MS, type Trap, type Traps } from './compaction-traps.ts'
import type { TrueDocument } from './truth.ts'

/** Minutes of work: whoever counts is killed before. */
const ENDLESS = `create view endless as
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000)
  select count(*) as count from n`
/** A commit holds the lock for less than so many looks. */
const LOOKS = 4
const LOOK_MS = 75

export function sqliteTraps(path: string): Traps {
  /** Open no longer than it takes: whoever comes after a kill shall find it as the kill left it. */
  const use = <R>(act: (database: DatabaseSync) => R, timeout = 5_000): R => {
    const database = new DatabaseSync(path, { timeout })
    try {
      return act(database)
    } finally {
      database.close()
    }
  }
  const isLocked = () =>
    use((database) => {
      try {
        database.exec('begin immediate; rollback')
        return false
      } catch {
        return true
      }
    }, 0)

  const trap = (
    step: string,
    leaves: Trap['leaves'],
    event: (before: TrueDocument) => string,
  ): Trap => ({
    step,
    leaves,
    async set(before) {
      use((database) => {
        database.exec(
          `${ENDLESS}; create trigger trap ${event(before)} begin select count from endless; end`,
        )
      })
    },
    async caught() {
      const end = performance.now() + PATIENCE_MS
      for (let looks = 0; looks < LOOKS; looks = isLocked() ? looks + 1 : 0) {
        if (performance.now() > end) throw new Error(`no compaction came to: ${step}`)
        await sleep(LOOK_MS)
      }
    },
    // The database ended with the process.
    end: () => Promise.resolve(),
    async remove() {
      use((database) => database.exec('drop trigger trap; drop view endless'))
    },
  })
  const firstOf = ({ rows }: TrueDocument) => rows[0]?.seq ?? 0
  const deleting = (when: string, seq: number) =>
    `${when} delete on document_updates when old.seq = ${seq}`

  return {
    all: [
      trap(
        'the snapshot is about to be written',
        { snapshot: false, rows: true },
        () => 'before insert on document_snapshots',
      ),
      trap(
        'the snapshot is written, the document about to name it',
        { snapshot: false, rows: true },
        () => 'before update of snapshot_seq on documents',
      ),
      trap(
        'the document names the snapshot, not committed',
        { snapshot: false, rows: true },
        () => 'after update of snapshot_seq on documents',
      ),
      trap(
        'the snapshot is committed, the first row about to be deleted',
        { snapshot: true, rows: true },
        (before) => deleting('before', firstOf(before)),
      ),
      trap('half of the rows are deleted', { snapshot: true, rows: true }, (before) =>
        deleting('after', Math.floor((firstOf(before) + newestOf(before)) / 2)),
      ),
      trap('the rows are deleted, not committed', { snapshot: true, rows: true }, (before) =>
        deleting('after', newestOf(before)),
      ),
    ],
    async age() {
      use((database) => database.exec(`update document_updates set at = at - ${AGE_MS}`))
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
