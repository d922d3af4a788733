/**
 * Whether a Postgres keeps what it says is saved. Asked of every new connection, not only at the
 * start: the server may have been started again with another configuration.
 */
import type { ClientBase } from 'pg'
import { GlossError } from '#shared/errors.ts'

const OLDEST_POSTGRES = 13

export interface ServerFacts {
  version: number
  fsync: string
  fullPageWrites: string
  synchronousCommit: string
  encoding: string
  readOnly: string
}

/** Why this Postgres cannot be trusted with a document, in one line; undefined where it can. */
export function serverRefusal(facts: ServerFacts): string | undefined {
  const { version, fsync, fullPageWrites, synchronousCommit, encoding, readOnly } = facts
  if (version < OLDEST_POSTGRES) {
    return `Postgres ${version} is too old: Gloss needs ${OLDEST_POSTGRES} or newer.`
  }
  if (fsync === 'off') return unsafe('fsync')
  if (fullPageWrites === 'off') return unsafe('full_page_writes')
  if (synchronousCommit === 'off') return unsafe('synchronous_commit')
  if (encoding !== 'UTF8') return `The database's encoding is ${encoding}, not UTF8.`
  if (readOnly === 'on') return 'The database takes no writes: is it a standby?'
  return undefined
}

const unsafe = (setting: string): string =>
  `Postgres runs with ${setting} = off and can lose what it says is saved: turn it on.`

/** Throws `unavailable` with the refusal. */
export async function checkServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<ServerFacts>(`select
    current_setting('server_version_num')::int / 10000 as version,
    current_setting('fsync') as fsync,
    current_setting('full_page_writes') as "fullPageWrites",
    current_setting('synchronous_commit') as "synchronousCommit",
    current_setting('server_encoding') as encoding,
    current_setting('transaction_read_only') as "readOnly"`)
  const refusal = rows[0] ? serverRefusal(rows[0]) : 'Postgres does not tell its settings.'
  if (refusal) throw new GlossError('unavailable', refusal)
}
