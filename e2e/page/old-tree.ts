/** Builds Gloss as it was at another commit, in a folder of its own, with the packages of today. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The last commit whose page wrote whenever others did. */
export const OLD_COMMIT = '1b814ab'

export interface OldTree {
  folder: string
  remove(): void
}

/** Throws where the history of this checkout does not reach so far back. */
export function buildOldTree(commit = OLD_COMMIT): OldTree {
  const folder = mkdtempSync(join(tmpdir(), 'gloss-old-'))
  const archive = execFileSync('git', ['archive', commit], { maxBuffer: 1 << 28 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const vite = resolve('node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: folder })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
