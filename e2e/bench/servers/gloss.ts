/**
 * Gloss as `npm start` starts it, on SQLite on the disk with durable commits. Limits are raised
 * where a scenario means to go beyond a default; all else is as it comes. People come as the
 * contract has it: a session's cookie and an origin, ten sockets each.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inTurns } from '#e2e/bench/in-turns.ts'
import { Participant } from '#e2e/bench/participant.ts'
import { yWebSocket } from '#e2e/bench/wire/dialect.ts'
import { type BenchServer, ServerProcess } from './server.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Half of what one may have: who has just gone may still be counted. */
const SOCKETS_A_USER = 10
const LANES_A_USER = 4

/** Beyond the defaults, because a scenario is: more people, more keys a second, larger texts. */
const RAISED = {
  connectionsPerDocument: 1_000,
  socketsPerInstance: 20_000,
  messagesPerSecond: 1_000_000,
  messagesBurst: 1_000_000,
  bytesPerSecond: 1 << 30,
  bytesBurst: 1 << 30,
  documentBytes: 128 << 20,
}

export async function startGloss(env: Record<string, string> = {}): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gloss-bench-'))
  const server = new ServerProcess({
    args: ['server/main.ts'],
    cwd: ROOT,
    env: {
      LOG_LEVEL: 'error',
      PORT: '0',
      DATA_DIR: folder,
      GLOSS_LIMITS: JSON.stringify(RAISED),
      ...env,
    },
    port: /Gloss is at http:\/\/[^:]+:(\d+)/,
  })
  await server.start()
  const people: Promise<string>[] = []

  const origin = () => `http://127.0.0.1:${server.port}`
  const cookieOf = (n: number): Promise<string> => {
    people[n] ??= signIn(origin())
    return people[n]
  }
  const person = async (n: number) => ({ origin: origin(), cookie: await cookieOf(n) })

  return {
    name: 'gloss',
    get pid() {
      return server.pid
    },
    rooms: async (count) => {
      const names: string[] = []
      const owner = await person(0)
      await inTurns([...Array(count).keys()], 25, async (n) => {
        names[n] = await createDocument(origin(), owner)
      })
      return names
    },
    place: async (room, n) => ({
      room,
      dialect: yWebSocket,
      address: {
        port: server.port,
        path: `/sync/${room}`,
        headers: await person(Math.floor(n / SOCKETS_A_USER)),
      },
    }),
    lane: async (room, n) => ({
      port: server.port,
      path: `/api/documents/${room}/events`,
      headers: await person(Math.floor(n / LANES_A_USER)),
    }),
    page: async ({ update }) => {
      const owner = await person(0)
      const id = await createDocument(origin(), owner)
      const address = { port: server.port, path: `/sync/${id}`, headers: owner }
      const author = await Participant.join({ place: { room: id, dialect: yWebSocket, address } })
      // The first message is the empty answer to the server's own question.
      author.send(update)
      while (author.acked < 2 && author.closed === 0) await sleep(20)
      author.leave()
      if (author.closed !== 0) throw new Error(`the text was refused: ${author.closed}`)
      return { url: `${origin()}/d/${id}`, cookie: owner.cookie }
    },
    ask: async (room) => {
      const run = { command: 'continue', target: { document: true }, key: 'bench' }
      await call(origin(), await person(0), 'POST', `/api/documents/${room}/runs`, run)
    },
    kill: () => server.end('SIGKILL'),
    terminate: () => server.end('SIGTERM'),
    restart: () => server.start(),
    dispose: async () => {
      await server.end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function signIn(origin: string): Promise<string> {
  const response = await fetch(`${origin}/api/session`, { method: 'POST', headers: { origin } })
  const cookie = response.headers.get('set-cookie')?.split(';')[0]
  if (!cookie) throw new Error(`no session: ${response.status}`)
  return cookie
}

/** Open to whoever has the link, as a shared document is. */
async function createDocument(origin: string, headers: Record<string, string>): Promise<string> {
  const made = await call(origin, headers, 'POST', '/api/documents', { title: 'Bench' })
  const { id, linkRole } = made as { id: string; linkRole: string }
  if (linkRole !== 'edit') {
    await call(origin, headers, 'PATCH', `/api/documents/${id}`, { linkRole: 'edit' })
  }
  return id
}

async function call(
  origin: string,
  headers: Record<string, string>,
  method: string,
  path: string,
  body: object,
): Promise<unknown> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`)
  return response.json()
}
