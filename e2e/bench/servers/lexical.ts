/** A server of one plain Lexical page, which has no rooms: what Gloss's own page is compared with. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { PageText } from '#e2e/bench/page/text.ts'
import type { BenchServer } from './server.ts'

const PAGE = fileURLToPath(new URL('../page/plain', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
}

/** Builds the page and listens on a free port of 127.0.0.1. */
export async function startLexical(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gloss-bench-page-'))
  await build({
    configFile: false,
    root: PAGE,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, target: 'es2023' },
  })
  let state = '{}'
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = pathname === '/' ? 'index.html' : pathname.slice(1)
    const bytes = file === 'text.json' ? state : await readFile(join(folder, file)).catch(() => '')
    response.writeHead(bytes === '' ? 404 : 200, { 'content-type': TYPES[extname(file)] ?? '' })
    response.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
  const noRoom = () => Promise.reject(new Error('a plain page has no rooms'))
  return {
    name: 'lexical',
    pid: process.pid,
    rooms: noRoom,
    place: noRoom,
    page: async (text: PageText) => {
      state = JSON.stringify(text.state)
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
    },
    kill: close,
    terminate: close,
    restart: noRoom,
    dispose: close,
  }
}
