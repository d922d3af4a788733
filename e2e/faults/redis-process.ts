/** A real redis-server of ours, on a free port, that keeps nothing: killed, frozen, started again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.ts'

const PATIENCE_MS = 10_000

export class RedisProcess implements AsyncDisposable {
  readonly port: number
  #server: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<RedisProcess> {
    const redis = new RedisProcess(await freePort())
    await redis.start()
    return redis
  }

  /** Starts it (again), empty, on the port it had. */
  async start(): Promise<void> {
    const options = ['--bind', '127.0.0.1', '--port', String(this.port)]
    this.#server = spawn('redis-server', [...options, '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
      cwd: '/',
    })
    const end = Date.now() + PATIENCE_MS
    while (!(await answers(this.port))) {
      if (Date.now() > end) throw new Error('redis-server did not start')
      await sleep(20)
    }
  }

  /** What redis-cli says to a command. */
  command(...words: string[]): string {
    return execFileSync('redis-cli', ['-p', String(this.port), ...words], { encoding: 'utf8' })
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server?.kill(signal)
  }

  async kill(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exit = once(server, 'exit')
    server.kill('SIGKILL')
    await exit
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
