/**
 * A Postgres for tests: a cluster of its own in a temporary folder, on a free port of 127.0.0.1,
 * which is really killed and really started again. Gone at the end of the test's scope.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from '#e2e/free-port.ts'
import { firstProgram, POSTGRES_FOLDERS } from '#e2e/needs.ts'

const PATIENCE_MS = 20_000

export class PostgresCluster implements AsyncDisposable {
  readonly port: number
  readonly #folder: string
  readonly #programs: string
  readonly #as: { uid: number; gid: number } | undefined
  readonly #password: string
  #server: ChildProcess | undefined
  #databases = 0

  static async start(): Promise<PostgresCluster> {
    const initdb = firstProgram(['initdb'], POSTGRES_FOLDERS)
    if (!initdb) throw new Error('Postgres is missing: apt-get install postgresql')
    const cluster = new PostgresCluster(dirname(initdb), await freePort())
    try {
      cluster.#make()
      await cluster.start()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(programs: string, port: number) {
    this.port = port
    this.#programs = programs
    this.#password = randomBytes(16).toString('hex')
    this.#folder = mkdtempSync(join(tmpdir(), 'gloss-postgres-'))
    // Postgres refuses to run as root.
    if (process.getuid?.() === 0) this.#as = { uid: idOf('-u'), gid: idOf('-g') }
    process.once('exit', this.#end)
  }

  /** Where a store finds this database. */
  url(database: string, port = this.port): string {
    return `postgres://gloss:${this.#password}@127.0.0.1:${port}/${database}`
  }

  /** A fresh, empty database, on a disk of its own where `folder` is one; its name. */
  async createDatabase(folder?: string): Promise<string> {
    const name = `gloss_${++this.#databases}`
    let place = ''
    if (folder) {
      if (this.#as) chownSync(folder, this.#as.uid, this.#as.gid)
      await this.execute('postgres', `create tablespace ${name} location '${folder}'`)
      place = `tablespace ${name}`
    }
    await this.execute('postgres', `create database ${name} template template0 ${place}`)
    return name
  }

  async execute(database: string, statement: string): Promise<unknown[]> {
    const client = new Client(this.url(database))
    await client.connect()
    try {
      const { rows } = await client.query<object>(statement)
      return rows
    } finally {
      await client.end()
    }
  }

  /** Adds lines to postgresql.conf; for the next start. */
  configure(lines: string): void {
    appendFileSync(join(this.#folder, 'data', 'postgresql.conf'), `${lines}\n`)
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const end = Date.now() + PATIENCE_MS
    for (;;) {
      // After a kill the old backends may still hold on to the folder: then it gives up at once.
      if (!this.#server || this.#server.exitCode !== null) this.#server = this.#spawn()
      try {
        await this.execute('postgres', 'select 1')
        return
      } catch (error) {
        if (Date.now() > end)
          throw new Error(`Postgres did not start: ${this.#log()}`, { cause: error })
        await pause(50)
      }
    }
  }

  /** SIGKILL to the server and all its processes, as when the machine's power goes. */
  async kill(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exit = once(server, 'exit')
    const backends = childrenOf(server.pid)
    server.kill('SIGKILL')
    for (const pid of backends) kill(pid, 'SIGKILL')
    await exit
  }

  /** SIGSTOP or SIGCONT to the server and all its processes. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const pid = this.#server?.pid
    if (pid === undefined) throw new Error('Postgres is not running')
    for (const one of [pid, ...childrenOf(pid)]) kill(one, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#end()
    process.off('exit', this.#end)
  }

  readonly #end = (): void => {
    this.#server?.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #make(): void {
    const password = join(this.#folder, 'password')
    writeFileSync(password, this.#password)
    if (this.#as) {
      for (const path of [this.#folder, password]) chownSync(path, this.#as.uid, this.#as.gid)
    }
    const data = join(this.#folder, 'data')
    const options = ['--auth=scram-sha-256', '--username=gloss', `--pwfile=${password}`]
    execFileSync(
      join(this.#programs, 'initdb'),
      [...options, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--pgdata', data],
      { stdio: 'pipe', ...this.#as },
    )
    this.configure(`listen_addresses = '127.0.0.1'\nunix_socket_directories = '${this.#folder}'`)
  }

  #spawn(): ChildProcess {
    const data = join(this.#folder, 'data')
    const log = join(this.#folder, 'log')
    return spawn(
      '/bin/sh',
      ['-c', 'exec "$0" "$@" >>"$LOG" 2>&1', join(this.#programs, 'postgres')].concat([
        '-D',
        data,
        '-p',
        String(this.port),
      ]),
      { stdio: 'ignore', env: { PATH: process.env.PATH, LOG: log }, cwd: '/', ...this.#as },
    )
  }

  #log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8').split('\n').slice(-5).join('\n')
  }
}

const idOf = (which: '-u' | '-g'): number =>
  Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }))

function childrenOf(pid: number | undefined): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}

/** Whoever is gone already needs no signal. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
