/**
 * Hocuspocus with its defaults; with DATA_DIR it keeps documents in SQLite. Its SQLite extension is
 * this database extension with the same two statements over a native module; Node's own SQLite
 * does the same without building one.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'

const { DATA_DIR } = process.env
const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  extensions: DATA_DIR ? [storeIn(join(DATA_DIR, 'documents.sqlite'))] : [],
})
await server.listen()
process.stdout.write(`port ${server.address.port}\n`)

function storeIn(path) {
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, data BLOB NOT NULL)')
  const select = db.prepare('SELECT data FROM documents WHERE name = ?')
  const upsert = db.prepare(
    'INSERT INTO documents VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET data = excluded.data',
  )
  return new Database({
    fetch: async ({ documentName }) => select.get(documentName)?.data ?? null,
    store: async ({ documentName, state }) => void upsert.run(documentName, state),
  })
}
