/**
 * What the tests need from the machine, found or installed from Debian's packages. Nothing is
 * skipped in silence: what can be neither found nor installed stops the tests with one line.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, globSync } from 'node:fs'

interface Need {
  name: string
  /** Debian's packages that bring it. */
  packages: string[]
  find: () => string | undefined
}

/** Debian keeps the programs of a server off the path. */
export const POSTGRES_FOLDERS = ['/usr/lib/postgresql/*/bin']

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
} satisfies Record<string, Need>

/** Paths of the programs. Exits with one line where one is missing and cannot be installed. */
export function findNeeds(): Record<keyof typeof NEEDS, string> {
  const missing = Object.values(NEEDS).filter(({ find }) => find() === undefined)
  if (missing.length > 0) install(missing)
  const found = Object.entries(NEEDS).map(([key, need]) => [key, need.find() ?? giveUp([need])])
  return Object.fromEntries(found) as Record<keyof typeof NEEDS, string>
}

function install(needs: readonly Need[]): void {
  const isRoot = process.getuid?.() === 0
  if (!isRoot || firstProgram(['apt-get']) === undefined) return giveUp(needs)
  const packages = needs.flatMap((need) => need.packages)
  process.stdout.write(`Installing ${packages.join(', ')} from Debian…\n`)
  const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    ...options,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

function giveUp(needs: readonly Need[]): never {
  const names = needs.map(({ name }) => name).join(', ')
  const packages = needs.flatMap((need) => need.packages).join(' ')
  process.stderr.write(
    `The tests need ${names}. Install with: sudo apt-get install ${packages} (or your system's way)\n`,
  )
  process.exit(1)
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
export const versionOf = (program: string): string =>
  execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()
