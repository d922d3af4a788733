/** @y/websocket-server, started by its own `server.js`; with DATA_DIR it keeps updates in LevelDB. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setPersistence } from '@y/websocket-server/utils'
import { LeveldbPersistence } from 'y-leveldb'
import * as Y from 'yjs'

const { DATA_DIR } = process.env
if (DATA_DIR) {
  // As y-websocket's documentation has it.
  const store = new LeveldbPersistence(DATA_DIR)
  setPersistence({
    provider: store,
    bindState: async (name, doc) => {
      const stored = await store.getYDoc(name)
      store.storeUpdate(name, Y.encodeStateAsUpdate(doc))
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(stored))
      doc.on('update', (update) => store.storeUpdate(name, update))
    },
    writeState: async () => undefined,
  })
}

// It prints the port that it was given, so it is given a free one.
const port = await freePort()
process.env.HOST = '127.0.0.1'
process.env.PORT = String(port)
await import('./node_modules/@y/websocket-server/src/server.js')
await listening()
process.stdout.write(`port ${port}\n`)

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

async function listening() {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
}
