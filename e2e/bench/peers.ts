/** Installs the package of the peers where it is not installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { PEERS } from './servers/peers.ts'

/** Undefined when the peers are there; else why they are not, in one line. */
export function installPeers(): string | undefined {
  if (existsSync(`${PEERS}/node_modules/.package-lock.json`)) return undefined
  process.stdout.write('Installing the servers to compare with (e2e/bench/peers)…\n')
  // None needs its install script: what is native comes built.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr, error } = spawnSync('npm', args, { cwd: PEERS, encoding: 'utf8' })
  if (status === 0) return undefined
  const why = error?.message ?? stderr.trim().split('\n')[0]
  return `npm ci failed in e2e/bench/peers: ${why}`
}
