/**
 * What the tests need from the machine, found or installed from Debian's packages. Nothing is
 * skipped in silence: what can be neither found nor installed stops the tests with one line.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, globSync, rmSync, writeFileSync } from 'node:fs'

interface Need {
  name: string
  /** Debian's packages that bring it. */
  packages: string[]
  find: () => string | undefined
}

/** Debian keeps the programs of a server off the path. */
export const POSTGRES_FOLDERS = ['/usr/lib/postgresql/*/bin']
export const NGINX_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

const NEEDS = {
  chromium: {
    name: 'Chromium',
    packages: ['chromium', 'fonts-liberation'],
    find: () => firstProgram(['chromium', 'chromium-browser', 'google-chrome', 'chrome']),
  },
  postgres: {
    name: 'Postgres',
    packages: ['postgresql'],
    find: () => firstProgram(['postgres'], POSTGRES_FOLDERS),
  },
  redis: {
    name: 'Redis',
    packages: ['redis-server'],
    find: () => firstProgram(['redis-server']),
  },
  nginx: {
    name: 'nginx',
    packages: ['nginx-light'],
    find: () => firstProgram(['nginx'], NGINX_FOLDERS),
  },
  // It brings the schema of a compose file, and reads one without any Docker at hand.
  compose: {
    name: 'docker-compose',
    packages: ['docker-compose'],
    find: () => firstProgram(['docker-compose']),
  },
} satisfies Record<string, Need>

type NeedName = keyof typeof NEEDS

/** Throws one line that says how to install what is missing of these; installs nothing itself. */
export function requirePrograms(names: readonly NeedName[]): void {
  const missing = names.map((name) => NEEDS[name]).filter(({ find }) => find() === undefined)
  if (missing.length > 0) throw new Error(howToInstall(missing))
}

/** Paths of the programs. Exits with one line where one is missing and cannot be installed. */
export function findNeeds(): Record<NeedName, string> {
  const missing = Object.values(NEEDS).filter(({ find }) => find() === undefined)
  if (missing.length > 0) install(missing)
  const found = Object.entries(NEEDS).map(([key, need]) => [key, need.find() ?? giveUp([need])])
  return Object.fromEntries(found) as Record<NeedName, string>
}

function install(needs: readonly Need[]): void {
  const isRoot = process.getuid?.() === 0
  if (!isRoot || firstProgram(['apt-get']) === undefined) return giveUp(needs)
  const packages = needs.flatMap((need) => need.packages)
  process.stdout.write(`Installing ${packages.join(', ')} from Debian…\n`)
  const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }
  spawnSync('apt-get', ['update', '-qq'], options)
  withoutServices(() =>
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      ...options,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }),
  )
}

/** We want the programs: that Debian would also start them as services is refused meanwhile. */
function withoutServices(install: () => void): void {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return install()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    install()
  } finally {
    rmSync(policy)
  }
}

function giveUp(needs: readonly Need[]): never {
  process.stderr.write(`${howToInstall(needs)}\n`)
  process.exit(1)
}

function howToInstall(needs: readonly Need[]): string {
  const names = needs.map(({ name }) => name).join(', ')
  const packages = needs.flatMap((need) => need.packages).join(' ')
  return `${names} missing. Install with: sudo apt-get install ${packages} (or your system's way)`
}

/** The first of the names that is a program on the path, or where Debian keeps versioned ones. */
export function firstProgram(
  names: readonly string[],
  folders: readonly string[] = [],
): string | undefined {
  const path = (process.env.PATH ?? '').split(':')
  for (const name of names) {
    for (const folder of [...path, ...folders.flatMap((folder) => globSync(folder))]) {
      try {
        accessSync(`${folder}/${name}`, constants.X_OK)
        return `${folder}/${name}`
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
      }
    }
  }
  return undefined
}

/** What a program says its version is, for the head of a report. */
export function versionOf(program: string, flag = '--version'): string {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  return (stdout || stderr).trim()
}
