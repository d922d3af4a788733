/** Documents as people list them, who opened which by its link, and the guests themselves. */
import { sql as raw } from 'kysely'
import { GlossError } from '#shared/errors.ts'
import { updateSum } from './checksum.ts'
import type { DocumentRow, DocumentStore, UserRow } from './document-store.ts'
import { DOCUMENT_ROW, USER_ROW } from './schema.ts'
import type { Sql } from './sql-dialect.ts'

type Given<M extends keyof DocumentStore> = Parameters<DocumentStore[M]>

export async function createDocument(
  { db, dialect }: Sql,
  { id, owner, title, first, client }: Given<'createDocument'>[0],
): Promise<DocumentRow> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .insertInto('documents')
      .values({
        id,
        owner,
        title,
        title_folded: folded(title),
        link_role: 'none',
        state: 'active',
        epoch: 1,
        head: 1,
        event_head: 0,
        snapshot_seq: 0,
        bytes: first.byteLength,
        created_at: dialect.now,
        updated_at: dialect.now,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning(DOCUMENT_ROW)
      .executeTakeFirst()
    if (!row) throw new GlossError('conflict', `There is a document ${id} already.`)

    await tx
      .insertInto('document_updates')
      .values({
        document_id: id,
        epoch: row.epoch,
        seq: 1,
        actor: owner,
        data: first,
        crc32: updateSum(first),
        at: row.createdAt,
      })
      .execute()
    await tx
      .insertInto('document_clients')
      .values({ document_id: id, client_id: client, owner })
      .execute()
    return row
  })
}

export async function getDocument({ db }: Sql, id: string): Promise<DocumentRow | undefined> {
  return db.selectFrom('documents').select(DOCUMENT_ROW).where('id', '=', id).executeTakeFirst()
}

export async function listDocuments(
  { db }: Sql,
  { user, query, after, limit }: Given<'listDocuments'>[0],
): Promise<DocumentRow[]> {
  let rows = db
    .selectFrom('documents')
    .select(DOCUMENT_ROW)
    .where('state', '=', 'active')
    .where((is) =>
      is.or([
        is('owner', '=', user),
        is.and([
          is('link_role', '!=', 'none'),
          is.exists(
            is
              .selectFrom('document_visits')
              .select('document_id')
              .whereRef('document_visits.document_id', '=', 'documents.id')
              .where('user_id', '=', user),
          ),
        ]),
      ]),
    )
  if (query) {
    const pattern = `%${folded(query).replace(/[\\%_]/g, '\\$&')}%`
    rows = rows.where(raw<boolean>`title_folded like ${pattern} escape '\\'`)
  }
  if (after) {
    rows = rows.where((is) =>
      is.or([
        is('updated_at', '<', after.updatedAt),
        is.and([is('updated_at', '=', after.updatedAt), is('id', '<', after.id)]),
      ]),
    )
  }
  return rows.orderBy('updated_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

export async function changeDocument(
  { db, dialect }: Sql,
  id: string,
  { title, linkRole, state }: Given<'changeDocument'>[1],
): Promise<DocumentRow | undefined> {
  const set = {
    ...(title !== undefined && { title, title_folded: folded(title) }),
    ...(linkRole !== undefined && { link_role: linkRole }),
    ...(state !== undefined && { state }),
  }
  if (Object.keys(set).length === 0) {
    return db
      .selectFrom('documents')
      .select(DOCUMENT_ROW)
      .where('id', '=', id)
      .where('state', '=', 'active')
      .executeTakeFirst()
  }
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('documents')
      .set(set)
      .where('id', '=', id)
      .where('state', '=', 'active')
      .returning(DOCUMENT_ROW)
      .executeTakeFirst()
    if (row?.state === 'deleted') {
      await tx.insertInto('deletions').values({ document_id: id, at: dialect.now }).execute()
    }
    return row
  })
}

export async function visit({ db, dialect }: Sql, document: string, user: string): Promise<void> {
  await db
    .insertInto('document_visits')
    .values({ document_id: document, user_id: user, at: dialect.now })
    .onConflict((conflict) => conflict.columns(['user_id', 'document_id']).doNothing())
    .execute()
}

export async function createUser(
  { db, dialect }: Sql,
  { id, name, color }: Given<'createUser'>[0],
): Promise<UserRow> {
  const row = await db
    .insertInto('users')
    .values({ id, name, color, created_at: dialect.now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(USER_ROW)
    .executeTakeFirst()
  if (!row) throw new GlossError('conflict', `There is a user ${id} already.`)
  return row
}

export async function getUser({ db }: Sql, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').select(USER_ROW).where('id', '=', id).executeTakeFirst()
}

export async function lookUp({ db }: Sql, { users, documents }: Given<'lookUp'>[0]) {
  const [people, rows] = await Promise.all([
    users.length === 0
      ? []
      : db.selectFrom('users').select(USER_ROW).where('id', 'in', users).execute(),
    documents.length === 0
      ? []
      : db.selectFrom('documents').select(DOCUMENT_ROW).where('id', 'in', documents).execute(),
  ])
  return {
    users: new Map(people.map((user) => [user.id, user])),
    documents: new Map(rows.map((row) => [row.id, row])),
  }
}

export async function changeUser(
  sql: Sql,
  id: string,
  { name, color }: Given<'changeUser'>[1],
): Promise<UserRow | undefined> {
  const set = { ...(name !== undefined && { name }), ...(color !== undefined && { color }) }
  if (Object.keys(set).length === 0) return getUser(sql, id)
  return sql.db
    .updateTable('users')
    .set(set)
    .where('id', '=', id)
    .returning(USER_ROW)
    .executeTakeFirst()
}

/** Case and compatibility forms do not matter to a search. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase()
