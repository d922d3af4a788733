/** A real nginx with the proxy's own configuration, in front of instances on this machine. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstProgram, NGINX_FOLDERS } from '#e2e/needs.ts'
import { freePort } from '../free-port.ts'
import { deployed, renderListen, renderUpstream } from './deploy.ts'
import { Program } from './program.ts'

export interface NginxOptions {
  /** `host:port` of each instance. */
  instances: readonly string[]
  port?: number
  /** A folder with fullchain.pem and privkey.pem, for HTTPS. */
  certificates?: string
}

export class Nginx {
  readonly port: number
  readonly #folder: string
  readonly #program: Program
  readonly #secure: boolean

  private constructor(port: number, folder: string, program: Program, secure: boolean) {
    this.port = port
    this.#folder = folder
    this.#program = program
    this.#secure = secure
  }

  static async start({ instances, port, certificates }: NginxOptions): Promise<Nginx> {
    const program = firstProgram(['nginx'], NGINX_FOLDERS)
    if (!program) throw new Error('nginx is missing: apt-get install nginx-light')
    const at = port ?? (await freePort())
    const folder = mkdtempSync(join(tmpdir(), 'gloss-nginx-'))
    // Started as root its workers are somebody else, and write below this folder.
    chmodSync(folder, 0o711)
    symlinkSync(deployed('nginx.conf'), join(folder, 'nginx.conf'))
    if (certificates) symlinkSync(certificates, join(folder, 'certs'))
    const listen = certificates ? 'listen-tls.conf' : 'listen.conf'
    writeFileSync(join(folder, 'listen.conf'), renderListen(listen, at))
    writeFileSync(join(folder, 'upstream.conf'), renderUpstream(instances))
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
    const child = new Program({ program, args: [...args, '-g', 'daemon off;'], port: at })
    const nginx = new Nginx(at, folder, child, certificates !== undefined)
    try {
      await child.run()
      return nginx
    } catch (error) {
      await nginx.close()
      throw error
    }
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://localhost:${this.port}`
  }

  async close(): Promise<void> {
    await this.#program.stop('SIGTERM')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
