/** A real nginx before the server, configured well, or badly in one way on purpose. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { firstProgram, NGINX_FOLDERS } from './needs.ts'

const START_MS = 10_000

/** What is wrong with it; nothing where all is left out. */
export interface Faults {
  /** Forgets the two lines that pass an upgrade on. */
  noUpgrade?: boolean
  /** Gathers answers before it passes them on, whatever the server says. */
  buffered?: boolean
  /** Cuts what is silent for so many seconds. */
  readTimeout?: number
  /** nginx's own words, such as `64k`. */
  bodyLimit?: string
  /** In place of `proxy_set_header Host $host;`. */
  host?: string
  /** What it says of the scheme; '' says nothing. */
  proto?: string
  tls?: boolean
}

export class NginxProxy {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  /** `port` is any free one where it is left out. */
  static async open(target: string, faults: Faults = {}, port?: number): Promise<NginxProxy> {
    const program = firstProgram(['nginx'], NGINX_FOLDERS)
    if (!program) throw new Error('nginx is missing: apt-get install nginx-light')
    const folder = await mkdtemp(join(tmpdir(), 'gloss-nginx-'))
    port ??= await freePort()
    await mkdir(join(folder, 'temp'))
    if (faults.tls) makeCertificate(folder)
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, target, faults))
    const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    child.stderr?.on('data', (data: Buffer) => {
      output += data.toString()
    })
    const scheme = faults.tls ? 'https' : 'http'
    const proxy = new NginxProxy(`${scheme}://localhost:${port}`, child, folder)
    const deadline = Date.now() + START_MS
    while (!(await answers(port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await proxy.close()
        throw new Error(`nginx did not start:\n${output}`)
      }
      await pause(20)
    }
    return proxy
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await exit
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function configuration(folder: string, port: number, target: string, faults: Faults): string {
  const { noUpgrade, buffered, readTimeout, bodyLimit = '16m', tls } = faults
  const { host = '$http_host', proto = '$scheme' } = faults
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temp/${name};`,
  )
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  ${temp.join('\n  ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''};
    ${tls ? `ssl_certificate ${folder}/cert.pem;\n    ssl_certificate_key ${folder}/key.pem;` : ''}
    client_max_body_size ${bodyLimit};
    location / {
      proxy_pass http://127.0.0.1:${new URL(target).port};
      proxy_http_version 1.1;
      proxy_set_header Host ${host};
      proxy_set_header X-Forwarded-Proto "${proto}";
      ${
        noUpgrade
          ? ''
          : 'proxy_set_header Upgrade $http_upgrade;\n      proxy_set_header Connection $connection_upgrade;'
      }
      ${
        buffered
          ? 'proxy_buffering on;\n      proxy_ignore_headers X-Accel-Buffering;\n      gzip on;\n      gzip_types text/event-stream;'
          : ''
      }
      proxy_read_timeout ${readTimeout ?? 3_600}s;
    }
  }
}
`
}

function makeCertificate(folder: string): void {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  execFileSync('openssl', [...kind, ...names, ...files], { stdio: 'ignore' })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
