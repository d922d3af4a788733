/**
 * The tables' history, for every SQL database. A migration that has been released never changes.
 * Each statement may run twice: SQLite keeps the tables that a killed migration had made.
 */
import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import { GlossError } from '#shared/errors.ts'
import type { Database } from './schema.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** Brings the database to this version. Throws when it was written by a newer one. */
export async function migrate(db: Kysely<Database>, dialect: SqlDialect): Promise<void> {
  const migrations = allMigrations(dialect)
  await refuseNewer(db, dialect)

  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** Throws where a newer Gloss has written the database. */
export async function refuseNewer(db: Kysely<Database>, dialect: SqlDialect): Promise<void> {
  const known = Object.keys(allMigrations(dialect))
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return

  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  const unknown = rows.find(({ name }) => !known.includes(name))
  if (unknown) {
    throw new GlossError(
      'unavailable',
      `The database has schema version ${unknown.name}, which this Gloss does not know. Start the newer Gloss that made it.`,
    )
  }
}

function allMigrations({ bytes, now }: SqlDialect): Record<string, Migration> {
  return {
    '0001-documents': {
      async up(db) {
        await db.schema
          .createTable('documents')
          .ifNotExists()
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('owner', 'text', (c) => c.notNull())
          .addColumn('title', 'text', (c) => c.notNull())
          .addColumn('title_folded', 'text', (c) => c.notNull())
          .addColumn('link_role', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('epoch', 'bigint', (c) => c.notNull())
          .addColumn('head', 'bigint', (c) => c.notNull())
          .addColumn('event_head', 'bigint', (c) => c.notNull())
          .addColumn('snapshot_seq', 'bigint', (c) => c.notNull())
          .addColumn('bytes', 'bigint', (c) => c.notNull())
          .addColumn('created_at', 'bigint', (c) => c.notNull())
          .addColumn('updated_at', 'bigint', (c) => c.notNull())
          .execute()
        await db.schema
          .createIndex('documents_by_owner')
          .ifNotExists()
          .on('documents')
          .columns(['owner', 'updated_at'])
          .execute()

        await db.schema
          .createTable('document_updates')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('epoch', 'bigint', (c) => c.notNull())
          .addColumn('seq', 'bigint', (c) => c.notNull())
          .addColumn('actor', 'text', (c) => c.notNull())
          .addColumn('data', bytes, (c) => c.notNull())
          .addColumn('crc32', 'bigint', (c) => c.notNull())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('document_updates_key', ['document_id', 'epoch', 'seq'])
          .execute()

        await db.schema
          .createTable('document_snapshots')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('epoch', 'bigint', (c) => c.notNull())
          .addColumn('seq', 'bigint', (c) => c.notNull())
          .addColumn('data', bytes, (c) => c.notNull())
          .addColumn('sha256', 'text', (c) => c.notNull())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('document_snapshots_key', ['document_id', 'epoch', 'seq'])
          .execute()

        await db.schema
          .createTable('document_clients')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('client_id', 'bigint', (c) => c.notNull())
          .addColumn('owner', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint('document_clients_key', ['document_id', 'client_id'])
          .execute()

        await db.schema
          .createTable('document_visits')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('user_id', 'text', (c) => c.notNull())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('document_visits_key', ['user_id', 'document_id'])
          .execute()
      },
    },

    '0002-runs': {
      async up(db) {
        await db.schema
          .createTable('document_chunks')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('id', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('ins', 'text', (c) => c.notNull())
          .addColumn('del', 'text', (c) => c.notNull())
          .addColumn('decided_by', 'text')
          .addColumn('decided_at', 'bigint')
          .addColumn('changed_at', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('document_chunks_key', ['document_id', 'id'])
          .execute()

        await db.schema
          .createTable('document_events')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('n', 'bigint', (c) => c.notNull())
          .addColumn('run', 'text', (c) => c.notNull())
          .addColumn('type', 'text', (c) => c.notNull())
          .addColumn('data', 'text', (c) => c.notNull())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('document_events_key', ['document_id', 'n'])
          .execute()
        await db.schema
          .createIndex('document_events_by_time')
          .ifNotExists()
          .on('document_events')
          .column('at')
          .execute()

        await db.schema
          .createTable('runs')
          .ifNotExists()
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('requester', 'text', (c) => c.notNull())
          .addColumn('requester_name', 'text', (c) => c.notNull())
          .addColumn('command', 'text', (c) => c.notNull())
          .addColumn('title', 'text', (c) => c.notNull())
          .addColumn('instruction', 'text', (c) => c.notNull())
          .addColumn('target', 'text', (c) => c.notNull())
          .addColumn('key', 'text', (c) => c.notNull())
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('status', 'text', (c) => c.notNull())
          .addColumn('fence', 'bigint', (c) => c.notNull())
          .addColumn('owner_instance', 'text', (c) => c.notNull())
          .addColumn('lease_until', 'bigint', (c) => c.notNull())
          .addColumn('client_id', 'bigint', (c) => c.notNull())
          .addColumn('tokens', 'bigint', (c) => c.notNull())
          .addColumn('usage', 'text')
          .addColumn('failure', 'text')
          .addColumn('started_at', 'bigint', (c) => c.notNull())
          .addColumn('ended_at', 'bigint')
          .addUniqueConstraint('runs_by_key', ['document_id', 'key'])
          .execute()
        await db.schema
          .createIndex('runs_by_lease')
          .ifNotExists()
          .on('runs')
          .columns(['status', 'lease_until'])
          .execute()
      },
    },

    '0003-users': {
      async up(db) {
        await db.schema
          .createTable('users')
          .ifNotExists()
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('name', 'text', (c) => c.notNull())
          .addColumn('color', 'text', (c) => c.notNull())
          .addColumn('created_at', 'bigint', (c) => c.notNull())
          .execute()
        await db.schema
          .createTable('probes')
          .ifNotExists()
          .addColumn('id', 'bigint', (c) => c.primaryKey())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .execute()
      },
    },

    '0004-instances': {
      async up(db) {
        await db.schema
          .createTable('claims')
          .ifNotExists()
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('holder', 'text', (c) => c.notNull())
          .addColumn('until', 'bigint', (c) => c.notNull())
          .execute()
        await db.schema
          .createTable('run_stops')
          .ifNotExists()
          .addColumn('run_id', 'text', (c) => c.primaryKey())
          .addColumn('user_id', 'text', (c) => c.notNull())
          .addColumn('user_name', 'text', (c) => c.notNull())
          .execute()
      },
    },

    '0005-second-thoughts': {
      async up(db) {
        await db.schema
          .createTable('decision_answers')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.notNull().references('documents.id'))
          .addColumn('key', 'text', (c) => c.notNull())
          .addColumn('asked', 'text', (c) => c.notNull())
          .addColumn('data', 'text', (c) => c.notNull())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('decision_answers_key', ['document_id', 'key'])
          .execute()
        await db.schema
          .createIndex('decision_answers_by_age')
          .ifNotExists()
          .on('decision_answers')
          .column('at')
          .execute()
        await db.schema
          .createTable('deletions')
          .ifNotExists()
          .addColumn('document_id', 'text', (c) => c.primaryKey().references('documents.id'))
          .addColumn('at', 'bigint', (c) => c.notNull())
          .execute()
        await db.schema
          .createIndex('deletions_by_age')
          .ifNotExists()
          .on('deletions')
          .column('at')
          .execute()
        // Nobody has noted when these were deleted: their time begins now.
        await sql`insert into deletions (document_id, at)
          select id, ${now} from documents where state = 'deleted'
          on conflict do nothing`.execute(db)
      },
    },

    '0007-stale-chunks': {
      async up(db) {
        for (const column of ['original', 'stale']) {
          if (await hasColumn(db, 'document_chunks', column)) continue
          await db.schema.alterTable('document_chunks').addColumn(column, 'text').execute()
        }
      },
    },

    '0008-runs-that-go-on': {
      async up(db) {
        for (const column of ['suggestion', 'progress']) {
          if (await hasColumn(db, 'runs', column)) continue
          await db.schema.alterTable('runs').addColumn(column, 'text').execute()
        }
      },
    },
  }
}

/** SQLite has no "add column if not exists": a killed migration may have added one. */
async function hasColumn(db: Kysely<unknown>, table: string, column: string): Promise<boolean> {
  const tables = await db.introspection.getTables()
  const found = tables.find(({ name }) => name === table)
  return found?.columns.some(({ name }) => name === column) ?? false
}
