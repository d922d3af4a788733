/**
 * The files that the containers mount, for programs that run here: the same files, but for the
 * addresses. Each rule is one line, so that what is tested is what is shipped.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../server/deploy', import.meta.url))

/** The path of a file that is used as it is. */
export const deployed = (name: string): string => join(FOLDER, name)

/**
 * upstream.conf: each `server NAME:3000` by the address it has here, in their order. Addresses need
 * no looking up, and Debian's nginx is too old to look up again.
 */
export function renderUpstream(addresses: readonly string[]): string {
  const left = [...addresses]
  const text = readFileSync(deployed('upstream.conf'), 'utf8').replaceAll(
    /server \S+ resolve/g,
    () => `server ${left.shift() ?? 'nobody.invalid'}`,
  )
  if (left.length > 0) throw new Error('upstream.conf has fewer servers than there are instances')
  return text
}

/** listen.conf or listen-tls.conf: the port of this place. */
export function renderListen(file: 'listen.conf' | 'listen-tls.conf', port: number): string {
  return readFileSync(deployed(file), 'utf8').replace('listen 8080', `listen 127.0.0.1:${port}`)
}

export interface Secrets {
  /** Paths of the files that secrets.sh made. */
  sessionSecret: string
  redisPassword: string
  /** The address of Redis in the container, with its password. */
  redisUrl: string
}

/** Runs secrets.sh as a newcomer does, into `folder`. */
export function makeSecrets(folder: string): Secrets {
  execFileSync('sh', [deployed('secrets.sh'), folder], { stdio: 'pipe' })
  return {
    sessionSecret: join(folder, 'session_secret'),
    redisPassword: join(folder, 'redis_password'),
    redisUrl: readFileSync(join(folder, 'redis_url'), 'utf8').trim(),
  }
}
