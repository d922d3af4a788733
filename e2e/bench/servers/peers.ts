/** The servers that Gloss is compared with: small programs in `peers/`, a package of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from '#e2e/bench/participant.ts'
import { type Dialect, hocuspocus, yWebSocket } from '#e2e/bench/wire/dialect.ts'
import { type BenchServer, type ServerName, ServerProcess } from './server.ts'

export const PEERS = fileURLToPath(new URL('../peers', import.meta.url))

interface Peer {
  program: string
  dialect: Dialect
  keeps: boolean
}

const KINDS: Readonly<Partial<Record<ServerName, Peer>>> = {
  raw: { program: 'raw.mjs', dialect: yWebSocket, keeps: false },
  yws: { program: 'yws.mjs', dialect: yWebSocket, keeps: false },
  'yws+leveldb': { program: 'yws.mjs', dialect: yWebSocket, keeps: true },
  sse: { program: 'sse.mjs', dialect: yWebSocket, keeps: false },
  hocuspocus: { program: 'hocuspocus.mjs', dialect: hocuspocus, keeps: true },
}

/** Which servers come from the package. */
export const PEER_NAMES: ReadonlySet<string> = new Set(Object.keys(KINDS))

export async function startPeer(name: ServerName): Promise<BenchServer> {
  const kind = KINDS[name]
  if (!kind) throw new Error(`${name} is no peer`)
  const folder = kind.keeps ? await mkdtemp(join(tmpdir(), 'gloss-bench-')) : undefined
  const server = new ServerProcess({
    args: [kind.program],
    cwd: PEERS,
    env: folder ? { DATA_DIR: folder } : {},
    port: /^port (\d+)$/m,
  })
  await server.start()
  const peer: BenchServer = {
    name,
    get pid() {
      return server.pid
    },
    rooms: async (count) => Array.from({ length: count }, (_, n) => `room-${n}`),
    place: async (room): Promise<Place> => ({
      room,
      dialect: kind.dialect,
      address: { port: server.port, path: `/${room}`, headers: {} },
    }),
    ...(name === 'sse' && {
      lane: async (room) => ({ port: server.port, path: `/${room}`, headers: {} }),
      ask: async (_room, model) => {
        await fetch(`http://127.0.0.1:${server.port}/?model=${model}`, { method: 'POST' })
      },
    }),
    kill: () => server.end('SIGKILL'),
    terminate: () => server.end('SIGTERM'),
    restart: () => server.start(),
    dispose: async () => {
      await server.end('SIGKILL')
      if (folder) await rm(folder, { recursive: true, force: true })
    },
  }
  return peer
}
