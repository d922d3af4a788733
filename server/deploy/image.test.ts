/**
 * The Dockerfile without a Docker: what its last stage copies is laid out in a folder, and that must
 * be enough to serve, as another user who can write nothing but the data.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const dockerfile = readFileSync('Dockerfile', 'utf8')
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM'))
const UID = 10_001

let folder: string
let gloss: ChildProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gloss-image-'))
})
afterEach(async () => {
  if (gloss?.exitCode === null) {
    gloss.kill('SIGKILL')
    await once(gloss, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

test('[C43] what the image holds is enough: it serves the page as another user, on a tree it cannot write', async () => {
  expect(existsSync('client/dist/index.html'), 'npm run build comes first').toBe(true)
  const root = join(folder, 'gloss')
  const copied = [...lastStage.matchAll(/^COPY --from=build \/gloss\/(\S+) /gm)].map(
    ([, it]) => it!,
  )
  expect(copied).toContain('node_modules')
  for (const path of copied) {
    if (path === 'node_modules') for (const one of productionPackages()) copy(one, root)
    else copy(path, root)
  }
  const data = join(folder, 'data')
  mkdirSync(data)
  chmodSync(folder, 0o755)
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(data, UID, UID)

  const [command, ...args] = JSON.parse(/^CMD (\[.*\])$/m.exec(lastStage)?.[1] ?? '[]') as string[]
  expect(command).toBe('node')
  gloss = spawn(process.execPath, args, {
    cwd: root,
    env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', DATA_DIR: data },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid: UID, gid: UID }),
  })
  const url = await firstUrl(gloss)

  const page = await fetch(`${url}/d/anything`)
  expect(await page.text()).toContain('<div id="root">')
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect(await probe(new URL(url).port)).toBe(0)
  gloss.kill('SIGTERM')
  expect(await once(gloss, 'exit')).toEqual([0, null])
  expect(await probe(new URL(url).port)).toBe(1)
})

test('[C44] the image runs the Node that the tests run, and builds from what is in the tree', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: { node: string }
  }
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
  expect(bases).toEqual(Array.from({ length: 2 }, () => `node:${dependencies.node}-bookworm-slim`))
  expect(lastStage).toMatch(/^USER 10001:10001$/m)
  for (const [, names] of dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)) {
    for (const name of names!.split(' ')) expect(existsSync(name), name).toBe(true)
  }
})

test('[C144] the page is built from what the image copies: its configuration imports no file of ours', () => {
  const [, names] = /^COPY (tsconfig\.json .+) \.\/$/m.exec(dockerfile) ?? []
  expect(names?.split(' ')).toContain('vite.config.ts')
  expect(readFileSync('vite.config.ts', 'utf8')).not.toMatch(/from '[.#]/)
})

/** What `npm prune --omit=dev` leaves, less the Node that the image brings itself. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>
  }
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => path)
    .filter((path) => existsSync(path) && !/^node_modules\/node(-bin-setup|-linux-.*)?$/.test(path))
}

function copy(path: string, root: string): void {
  const tested = /(^|\/)testing$|\.(test|contract)\.tsx?$/
  const nested = new RegExp(`^${path}/.*node_modules(/|$)`)
  cpSync(path, join(root, path), {
    recursive: true,
    filter: (source) =>
      path.startsWith('node_modules') ? !nested.test(source) : !tested.test(source),
  })
}

async function firstUrl(child: ChildProcess): Promise<string> {
  let output = ''
  child.stderr?.on('data', (data: Buffer) => {
    output += data.toString()
  })
  for await (const data of child.stdout ?? []) {
    output += String(data)
    const url = /Gloss is at (\S+)/.exec(output)?.[1]
    if (url) return url
  }
  throw new Error(`no start: ${output}`)
}

/** Runs the image's health check as Docker does; its exit code. */
async function probe(port: string): Promise<number> {
  const words = JSON.parse(/^ {2}CMD (\[.*\])$/m.exec(lastStage)?.[1] ?? '[]') as string[]
  const check = spawn(process.execPath, words.slice(1), { env: { PORT: port }, stdio: 'ignore' })
  const [code] = (await once(check, 'exit')) as [number]
  return code
}
