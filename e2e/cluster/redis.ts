/** A real redis-server with the cluster's own redis.conf: killed without warning, started empty. */
import { firstProgram } from '#e2e/needs.ts'
import { freePort } from '../free-port.ts'
import { deployed, type Secrets } from './deploy.ts'
import { Program } from './program.ts'

export class Redis {
  /** With its password, as Gloss takes it. */
  readonly url: string
  readonly #program: Program

  private constructor(url: string, program: Program) {
    this.url = url
    this.#program = program
  }

  static async start({ redisPassword, redisUrl }: Secrets): Promise<Redis> {
    const program = firstProgram(['redis-server'])
    if (!program) throw new Error('Redis is missing: apt-get install redis-server')
    const port = await freePort()
    const args = [deployed('redis.conf'), '--include', redisPassword]
    const here = ['--bind', '127.0.0.1', '--port', String(port), '--dir', '/tmp']
    const url = redisUrl.replace('@redis:6379', `@127.0.0.1:${port}`)
    const redis = new Redis(url, new Program({ program, args: [...args, ...here], port }))
    await redis.run()
    return redis
  }

  /** Starts it (again), on the port it had, with nothing in it. */
  async run(): Promise<void> {
    await this.#program.run()
  }
  async kill(): Promise<void> {
    await this.#program.stop('SIGKILL')
  }
  async close(): Promise<void> {
    await this.kill()
  }
}
