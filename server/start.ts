/** `npm start`: builds the page when it is missing or older than its source, then serves. */
import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BUILT = 'client/dist/index.html'
const SOURCES = [
  '{client,shared}/**/*.{ts,tsx,css,html,svg}',
  'vite.config.ts',
  'package-lock.json',
]

if (isStale()) {
  process.stdout.write('Building the page (first start, or its source has changed)…\n')
  const vite = `${ROOT}/node_modules/vite/bin/vite.js`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vite, 'build', '--logLevel', 'error'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}gloss: the page could not be built\n`)
    process.exit(1)
  }
}
// The second start has no types to strip and little to compile.
enableCompileCache()
await import('./main.ts')

function isStale(): boolean {
  const built = modified(BUILT)
  if (built === undefined) return true
  const sources = globSync(SOURCES, { cwd: ROOT, exclude: (path) => path.endsWith('dist') })
  return sources.some((path) => (modified(path) ?? 0) > built)
}

function modified(path: string): number | undefined {
  return statSync(`${ROOT}/${path}`, { throwIfNoEntry: false })?.mtimeMs
}
