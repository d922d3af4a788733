/** docker-compose.yml without a Docker: read by Debian's docker-compose, then asked what it promises. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { firstProgram } from '#e2e/needs.ts'

interface Service {
  profiles?: string[]
  image?: string
  user?: string
  read_only?: boolean
  init?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  tmpfs?: string[]
  pids_limit?: number
  mem_limit?: string
  stop_grace_period?: string
  ports?: string[]
  networks?: Record<string, unknown>
  environment?: Record<string, string>
  secrets?: { source: string }[]
  volumes?: string[]
  entrypoint?: string[]
  command?: string[]
  depends_on?: Record<string, { condition: string }>
}

interface Compose {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
  secrets: Record<string, { file: string }>
}

const CLUSTER = ['gloss-1', 'gloss-2', 'postgres', 'redis', 'proxy']

/** What docker-compose makes of the files: checked against its schema, anchors and variables put in. */
function compose(...files: string[]): Compose {
  const program = firstProgram(['docker-compose'])
  if (!program) throw new Error('docker-compose is missing: apt-get install docker-compose')
  const named = files.flatMap((file) => ['-f', file])
  const { status, stdout, stderr } = spawnSync(program, [...named, 'config'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return parse(stdout) as Compose
}

const whole = compose('docker-compose.yml')
const { services } = whole
const all = Object.entries(services)

test('[H107] the compose file is a valid one, alone and with the one for HTTPS beside it', () => {
  const secure = compose('docker-compose.yml', 'server/deploy/tls.yml').services.proxy!
  const mounted = (target: string) =>
    secure.volumes?.find((volume) => volume.split(':')[1] === target) ?? ''

  expect(mounted('/etc/nginx/listen.conf')).toContain('listen-tls.conf')
  expect(mounted('/etc/nginx/certs')).toContain('/certs:')
  expect(mounted('/etc/nginx/nginx.conf')).toContain('server/deploy/nginx.conf')
})

test('[H108] without a profile compose starts one Gloss on a volume, and nothing else', () => {
  const started = all.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name)
  expect(started).toEqual(['gloss'])

  const { volumes, ports, depends_on, secrets } = services.gloss!
  expect(volumes).toEqual(['gloss-data:/data:rw'])
  expect(ports).toEqual(['127.0.0.1:3000:3000/tcp'])
  expect([depends_on, secrets]).toEqual([undefined, undefined])
})

test('[H109] naming the proxy starts two Gloss, Postgres and Redis, and only the proxy is to be reached', () => {
  const inCluster = all.filter(([, { profiles }]) => profiles?.includes('cluster'))
  expect(inCluster.map(([name]) => name).sort()).toEqual([...CLUSTER].sort())
  const reached = new Set(['proxy'])
  for (const name of reached) {
    for (const needed of Object.keys(services[name]?.depends_on ?? {})) reached.add(needed)
  }
  expect([...reached].sort()).toEqual([...CLUSTER].sort())

  expect(CLUSTER.filter((name) => services[name]?.ports)).toEqual(['proxy'])
  expect(whole.networks.inner?.internal).toBe(true)
  const networks = (name: string) => Object.keys(services[name]?.networks ?? {})
  expect(networks('proxy')).toEqual(['front'])
  expect(networks('postgres')).toEqual(['inner'])
  expect(networks('redis')).toEqual(['inner'])
  expect(services['gloss-1']).toEqual(services['gloss-2'])
})

test.each(
  all,
)('[H110] %s runs as nobody special, on a root that it cannot write, and in bounds', (_name, service) => {
  expect(service.user).toMatch(/^[1-9]\d+:[1-9]\d+$/)
  expect(service.read_only).toBe(true)
  expect(service.init).toBe(true)
  expect(service.cap_drop).toEqual(['ALL'])
  expect(service.security_opt).toEqual(['no-new-privileges:true'])
  expect(service.tmpfs).toContain('/tmp')
  expect(service.pids_limit).toBeGreaterThan(0)
  // A Gloss that ends its runs takes up to 25 seconds.
  if (service.image?.startsWith('gloss:')) expect(service.stop_grace_period).toBe('30s')
  expect(service.mem_limit).toMatch(/^\d+[mg]$/)
  // Exactly this image, and not what the tag means next month.
  expect(service.image).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)?$/)
})

test('[C41] every file that a container mounts is there, and every secret is one that secrets.sh makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gloss-secrets-'))
  try {
    execFileSync('sh', ['server/deploy/secrets.sh', join(folder, 'secrets')], { stdio: 'pipe' })
    const made = readdirSync(join(folder, 'secrets')).sort()
    expect(Object.keys(whole.secrets).sort()).toEqual(made)
    for (const [name, { file }] of Object.entries(whole.secrets)) {
      expect(file).toBe(join(process.cwd(), 'secrets', name))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  for (const [name, { volumes = [], secrets = [], environment, entrypoint }] of all) {
    for (const volume of volumes.filter((one) => one.startsWith('/'))) {
      expect(existsSync(volume.split(':')[0]!), `${name}: ${volume}`).toBe(true)
      expect(volume, name).toMatch(/:ro$/)
    }
    const named = [...Object.values(environment ?? {}), ...(entrypoint ?? [])]
    const read = named.filter((value) => value.startsWith('/run/secrets/')).sort()
    expect(secrets.map(({ source }) => `/run/secrets/${source}`).sort(), name).toEqual(read)
  }
})

test('[C42] the secrets are long, fit each other, stay as they are, and are their owner’s alone', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'gloss-secrets-')), 'secrets')
  const make = () => execFileSync('sh', ['server/deploy/secrets.sh', folder], { stdio: 'pipe' })
  const all = () =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8').trim()]),
    )
  try {
    make()
    const first = all()
    const password = first.redis_password?.replace('requirepass ', '') ?? ''
    for (const secret of [first.session_secret, first.postgres_password, password]) {
      expect(secret).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(new URL(first.database_url ?? '').password).toBe(first.postgres_password)
    expect(new URL(first.redis_url ?? '').password).toBe(password)
    expect(statSync(folder).mode & 0o777).toBe(0o700)

    make()
    expect(all()).toEqual(first)
  } finally {
    rmSync(join(folder, '..'), { recursive: true })
  }
})
