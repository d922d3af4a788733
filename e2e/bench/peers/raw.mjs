/** The ceiling: a bare relay of `ws`. It knows no CRDT; it sends each message on, once a receiver. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const EMPTY_STEP_2 = new Uint8Array([0, 1, 2, 0, 0])
const rooms = new Map()

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 64 << 20 })
sockets.on('connection', (socket, { url }) => {
  const room = rooms.get(url) ?? new Set()
  rooms.set(url, room.add(socket))
  socket.on('message', (message) => {
    if (message[0] === 0 && message[1] === 0) return socket.send(EMPTY_STEP_2)
    for (const other of room) if (other !== socket) other.send(message)
  })
  socket.on('close', () => room.delete(socket))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`))
