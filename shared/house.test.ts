/**
 * The house rule, as a test: which folder may import from which, and which packages are let in
 * where. A line here is a decision; change it in the same commit that needs it, and say why.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Each room of the house: what of ours it may import besides itself, and which packages. */
const HOUSE: Record<string, { ours: string[]; packages: string[] }> = {
  shared: { ours: [], packages: ['yjs', 'lib0', 'zod'] },

  'server/store': { ours: ['shared', 'server/log'], packages: ['kysely', 'pg', 'zod'] },
  'server/bus': { ours: ['shared', 'server/log'], packages: ['ioredis', 'lib0'] },
  'server/limits': { ours: ['shared'], packages: [] },
  'server/suggestions': { ours: ['shared', 'server/store'], packages: ['yjs', 'lib0'] },
  'server/rooms': {
    ours: [
      'shared',
      'server/store',
      'server/bus',
      'server/suggestions',
      'server/log',
      'server/metrics',
    ],
    packages: ['yjs', 'y-protocols', 'lib0'],
  },
  'server/ai': {
    ours: ['shared', 'server/rooms', 'server/store', 'server/log', 'server/metrics'],
    packages: ['undici', 'eventsource-parser', 'markdown-it', 'harper.js', 'zod'],
  },
  'server/http': {
    ours: [
      'shared',
      'server/rooms',
      'server/ai',
      'server/store',
      'server/bus',
      'server/limits',
      'server/log',
      'server/metrics',
    ],
    packages: ['fastify', '@fastify', 'ws', 'zod'],
  },
  // A person's commands on a database, with no server behind them.
  'server/backup': { ours: ['shared', 'server/store', 'server/log'], packages: ['yjs', 'zod'] },
  'server/log': { ours: [], packages: ['pino'] },
  'server/metrics': { ours: [], packages: ['prom-client'] },
  'server/config': { ours: ['shared', 'server/log'], packages: ['zod'] },
  'server/secret': { ours: [], packages: [] },
  'server/open': { ours: ['*'], packages: [] },
  'server/main': { ours: ['*'], packages: [] },
  'server/start': { ours: ['*'], packages: [] },
  'server/gloss': { ours: ['*'], packages: [] },
  'server/dev': { ours: ['*'], packages: ['vite'] },

  'client/session': {
    ours: ['shared'],
    packages: ['yjs', 'y-websocket', 'y-protocols', 'y-indexeddb', 'lib0', 'zod'],
  },
  'client/editor': {
    ours: ['shared', 'client/session'],
    packages: ['lexical', '@lexical', 'react', 'react-dom', 'yjs', 'y-protocols', 'lib0'],
  },
  'client/ui': {
    ours: ['shared', 'client/session', 'client/editor'],
    packages: ['react', 'react-dom', '@base-ui/react', 'lucide-react', 'zod'],
  },
  'client/main': { ours: ['*'], packages: ['react', 'react-dom', '@fontsource-variable'] },
}

const files = globSync('{client,server,shared}/**/*.{ts,tsx}').filter(
  (file) => !isTestCode(file) && !file.includes('/dist/'),
)

describe('house rule', () => {
  test.each(files)('[W1] %s imports only downwards', (file) => {
    const room = roomOf(file)
    expect(room, 'is in no room of the house').toBeDefined()
    const { ours, packages } = HOUSE[room!]!

    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = specifier.startsWith('.')
        ? normalize(join(dirname(file), specifier))
        : specifier.replace(/^#/, '')
      const targetRoom =
        specifier.startsWith('.') || specifier.startsWith('#') ? roomOf(target) : undefined
      if (targetRoom) {
        const allowed = targetRoom === room || ours.includes('*') || ours.includes(targetRoom)
        expect.soft(allowed, `${room} may not import ${targetRoom} (${specifier})`).toBe(true)
      } else if (specifier.startsWith('node:')) {
        expect.soft(room, `${specifier} is for the server`).toMatch(/^server/)
      } else if (!typeOnly && !specifier.startsWith('.')) {
        const allowed = packages.some(
          (name) => specifier === name || specifier.startsWith(`${name}/`),
        )
        expect.soft(allowed, `${room} may not use ${specifier}`).toBe(true)
      }
    }
  })

  test('[W2] adapters are chosen in the composition root alone', () => {
    const adapter = /^server\/(store\/(sqlite|postgres)|bus\/(memory|redis))\.ts$/
    for (const file of files.filter((file) => roomOf(file) !== 'server/open')) {
      for (const { specifier } of importsOf(file))
        expect(specifier.replace(/^#/, '')).not.toMatch(adapter)
    }
  })

  test('[C143] a test waits for an outcome with the patience that all share, never with the second that a runner gives by itself', () => {
    const tests = globSync('{shared,server,client,e2e}/**/*.{ts,tsx}', {
      exclude: (path) => path.endsWith('node_modules'),
    })
    for (const file of tests) {
      if (file === 'server/testing/eventually.ts' || file === 'shared/house.test.ts') continue
      expect(readFileSync(file, 'utf8').includes('vi.waitFor('), file).toBe(false)
    }
  })

  test('[W3] only the roofs read the environment', () => {
    const roofs = new Set(['server/main', 'server/dev', 'server/start', 'server/gloss'])
    for (const file of files.filter((file) => !roofs.has(roomOf(file) ?? ''))) {
      expect(readFileSync(file, 'utf8'), file).not.toContain('process.env')
    }
  })
})

function roomOf(file: string): string | undefined {
  const path = file.replace(/\.tsx?$/, '')
  return Object.keys(HOUSE).find((room) => path === room || path.startsWith(`${room}/`))
}

function isTestCode(file: string): boolean {
  return /\.(test|contract)\.tsx?$|\/(testing|contract)\//.test(file)
}

function importsOf(file: string): { specifier: string; typeOnly: boolean }[] {
  const source = readFileSync(file, 'utf8')
  const imports = source.matchAll(
    /^(?:import|export) (type )?[^;'"]*?from '([^']+)'|^import '([^']+)'/gm,
  )
  return [...imports].map(([, type, from, bare]) => ({
    specifier: from ?? bare ?? '',
    typeOnly: Boolean(type),
  }))
}
