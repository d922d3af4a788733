/**
 * The traps on Postgres: locks that we hold, on a table, on a row, or in a trigger that asks for
 * one. What has been sent to Postgres when the process dies is its own affair: it is rolled back
 * where it loses the connection first, and carried out where it does not. Both are played.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { AGE_MS, newestOf, PATIENCE_MS, type Trap, type Traps } from './compaction-traps.ts'
import type { TrueDocument } from './truth.ts'

/** Of the advisory lock that the triggers ask for. */
const KEY = 16
/** The product's own name for its connections. */
const OURS = `application_name = 'gloss' and datname = current_database()`
const WAITS = `wait_event_type = 'Lock' and datname = current_database()`
const NOTHING = { snapshot: false, rows: true }

export class PostgresTraps implements Traps {
  readonly all: readonly Trap[]
  readonly #document: string
  /** Looks, sets and removes; holds the advisory lock. */
  readonly #eye: Client
  /** Holds tables and rows, in a transaction. */
  readonly #hand: Client

  static async open(url: string, document: string): Promise<PostgresTraps> {
    const [eye, hand] = [new Client(url), new Client(url)]
    await Promise.all([eye.connect(), hand.connect()])
    await eye.query(`create function trap() returns trigger language plpgsql as $$ begin
      perform pg_advisory_xact_lock(${KEY}); return coalesce(new, old); end $$`)
    return new PostgresTraps(document, eye, hand)
  }

  private constructor(document: string, eye: Client, hand: Client) {
    this.#document = document
    this.#eye = eye
    this.#hand = hand
    const inserted = 'after insert on document_snapshots deferrable initially deferred for each row'
    const deleted = 'after delete on document_updates deferrable initially deferred for each row'
    const trimmed = { snapshot: true, rows: true }
    this.all = [
      this.#locked('the log is being read', 'lock table document_snapshots'),
      this.#locked(
        'the log is merged, the snapshot about to be written',
        `select 1 from documents where id = '${document}' for update`,
      ),
      this.#triggered(
        'the snapshot is being written',
        NOTHING,
        () => 'before insert on document_snapshots for each row',
      ),
      this.#triggered(
        'the snapshot is written, the document about to name it',
        NOTHING,
        () => 'before update of snapshot_seq on documents for each row',
      ),
      this.#committing('the snapshot is being committed, and is not', NOTHING, inserted, 'cut'),
      this.#committing(
        'the snapshot is being committed, and is, but nobody hears of it',
        { snapshot: true, rows: true },
        inserted,
        'carried out',
      ),
      this.#between(inserted),
      this.#triggered('the first row is being deleted', trimmed, ({ rows }) =>
        deleting(rows[0]?.seq ?? 0),
      ),
      this.#triggered('half of the rows are deleted', trimmed, (before) =>
        deleting(Math.floor(((before.rows[0]?.seq ?? 0) + newestOf(before)) / 2)),
      ),
      this.#committing('the deletion is being committed, and is not', trimmed, deleted, 'cut'),
      this.#committing(
        'the deletion is being committed, and is, but nobody hears of it',
        { snapshot: true, rows: false },
        deleted,
        'carried out',
      ),
    ]
  }

  async age(): Promise<void> {
    await this.#eye.query(`update document_updates set at = at - ${AGE_MS}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#eye.end(), this.#hand.end()])
  }

  /** Somebody else has the table or the row. */
  #locked(step: string, lock: string): Trap {
    return {
      ...this.#trap(step, NOTHING, 'cut'),
      set: async () => {
        await this.#hand.query('begin')
        await this.#hand.query(lock)
      },
      remove: async () => undefined,
    }
  }

  #triggered(step: string, leaves: Trap['leaves'], event: (before: TrueDocument) => string): Trap {
    return {
      ...this.#trap(step, leaves, 'cut'),
      set: (before) => this.#plant('trigger', event(before)),
    }
  }

  /** Caught within COMMIT itself, by a constraint that is looked at then. */
  #committing(
    step: string,
    leaves: Trap['leaves'],
    event: string,
    ends: 'cut' | 'carried out',
  ): Trap {
    return {
      ...this.#trap(step, leaves, ends),
      set: () => this.#plant('constraint trigger', event),
    }
  }

  /** The snapshot is committed and known to be; the transaction after it has only begun. */
  #between(event: string): Trap {
    const step = 'the snapshot is committed, the rows not yet looked at'
    const trap = this.#committing(step, { snapshot: true, rows: true }, event, 'cut')
    return {
      ...trap,
      caught: async () => {
        await trap.caught()
        // First in the queue behind the commit: what comes after it finds the row taken.
        await this.#hand.query('begin')
        const row = this.#hand.query(
          `select 1 from documents where id = '${this.#document}' for update`,
        )
        await this.#waiting(WAITS, 2, step)
        await this.#eye.query(`select pg_advisory_unlock(${KEY})`)
        await row
        await trap.caught()
      },
    }
  }

  #trap(step: string, leaves: Trap['leaves'], ends: 'cut' | 'carried out'): Trap {
    return {
      step,
      leaves,
      set: async () => undefined,
      caught: () => this.#waiting(`${OURS} and ${WAITS}`, 1, step),
      end: async () => {
        const gone = () => this.#waiting(OURS, 0, 'the end of the connections of the dead')
        if (ends === 'cut') {
          await this.#eye.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`,
          )
          await gone()
        }
        await this.#hand.query('rollback')
        await this.#eye.query('select pg_advisory_unlock_all()')
        await gone()
      },
      remove: () => this.#unplant(),
    }
  }

  async #plant(kind: 'trigger' | 'constraint trigger', event: string): Promise<void> {
    await this.#eye.query(`select pg_advisory_lock(${KEY})`)
    await this.#eye.query(`create ${kind} trap ${event} execute function trap()`)
  }

  async #unplant(): Promise<void> {
    for (const table of ['documents', 'document_snapshots', 'document_updates']) {
      await this.#eye.query(`drop trigger if exists trap on ${table}`)
    }
  }

  /** Resolves when so many connections are so. */
  async #waiting(which: string, count: number, what: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      const { rows } = await this.#eye.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity where ${which}`,
      )
      const found = rows[0]?.count ?? 0
      if (count === 0 ? found === 0 : found >= count) return
      if (performance.now() > end) throw new Error(`no compaction came to: ${what}`)
      await sleep(20)
    }
  }
}

const deleting = (seq: number): string =>
  `before delete on document_updates for each row when (old.seq = ${seq})`
