/**
 * A real redis-server of ours, on a free port, that keeps nothing: killed, frozen, started again,
 * empty. With a cluster's secrets it has the cluster's own redis.conf and password.
 */
import { execFileSync } from 'node:child_process'
import { deployed, type Secrets } from './cluster/deploy.ts'
import { Program } from './cluster/program.ts'
import { freePort } from './free-port.ts'
import { firstProgram } from './needs.ts'

export class RedisProcess implements AsyncDisposable {
  readonly port: number
  /** As Gloss takes it, with its password where it has one. */
  readonly url: string
  readonly #program: Program

  private constructor(port: number, url: string, program: Program) {
    this.port = port
    this.url = url
    this.#program = program
  }

  static async start(secrets?: Secrets): Promise<RedisProcess> {
    const program = firstProgram(['redis-server'])
    if (!program) throw new Error('Redis is missing: apt-get install redis-server')
    const port = await freePort()
    const keepsNothing = ['--save', '', '--appendonly', 'no']
    const settings = secrets
      ? [deployed('redis.conf'), '--include', secrets.redisPassword]
      : keepsNothing
    const here = ['--bind', '127.0.0.1', '--port', String(port), '--dir', '/tmp']
    const url = secrets
      ? secrets.redisUrl.replace('@redis:6379', `@127.0.0.1:${port}`)
      : `redis://127.0.0.1:${port}`
    const args = [...settings, ...here]
    const redis = new RedisProcess(port, url, new Program({ program, args, port }))
    await redis.start()
    return redis
  }

  /** Starts it (again), empty, on the port it had. */
  async start(): Promise<void> {
    await this.#program.run()
  }

  /** What redis-cli says to a command; of one without a password. */
  command(...words: string[]): string {
    return execFileSync('redis-cli', ['-p', String(this.port), ...words], { encoding: 'utf8' })
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#program.signal(signal)
  }

  async kill(): Promise<void> {
    await this.#program.stop('SIGKILL')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
