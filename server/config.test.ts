import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DocumentQuery } from '#shared/protocol/api.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { environment, readConfig } from './config.ts'

test('[H20] with nothing set it is a Gloss with the embedded database on port 3000', () => {
  const config = readConfig({ HOME: '/root', PORT: '' })

  expect(config).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', DATA_DIR: './data', models: [] })
  expect(config.limits).toEqual(LIMITS)
})

test('[H21] one line names every variable at fault and tells no value', () => {
  const bad = { PORT: 'abc', GLOSS_MODLE: 'x', SESSION_SECRET: 'hunter2', LOG_LEVEL: 'loud' }

  const error = readErrorOf(bad)

  for (const name of Object.keys(bad)) expect(error).toContain(name)
  expect(error).not.toContain('hunter2')
  expect(error).not.toContain('\n')
})

test('[H22] a secret may come from a file, but not from two places', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gloss-config-')), 'secret')
  writeFileSync(file, `${SECRET}\n`)

  expect(readConfig({ SESSION_SECRET_FILE: file }).SESSION_SECRET).toBe(SECRET)
  expect(readErrorOf({ SESSION_SECRET_FILE: file, SESSION_SECRET: SECRET })).toContain('both')
  expect(readErrorOf({ SESSION_SECRET_FILE: '/nowhere' })).toContain('SESSION_SECRET_FILE')
})

test('[H23] limits are set by name, and only those that exist', () => {
  const { limits } = readConfig({ GLOSS_LIMITS: '{"runWallMs":1000}' })
  expect(limits).toEqual({ ...LIMITS, runWallMs: 1000 })
  for (const value of ['{"nothing":1}', '{"runWallMs":-1}', 'x', '[]']) {
    expect(readErrorOf({ GLOSS_LIMITS: value })).toContain('GLOSS_LIMITS')
  }
})

test('[H24] models come from three variables or from a file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gloss-config-')), 'models.json')
  writeFileSync(file, JSON.stringify([{ url: 'http://127.0.0.1:1/v1', model: 'b', name: 'Big' }]))
  const env = { GLOSS_MODEL_URL: 'http://localhost:11434/v1', GLOSS_MODEL: 'a', GLOSS_MODELS: file }

  expect(readConfig(env).models.map(({ model }) => model)).toEqual(['a', 'b'])
  expect(readErrorOf({ GLOSS_MODEL_URL: 'http://localhost:1/v1' })).toContain('GLOSS_MODEL')
  writeFileSync(file, '[{"url":"ftp://x","model":""}]')
  expect(readErrorOf({ GLOSS_MODELS: file })).toContain('GLOSS_MODELS')
})

test('[H25] the README names every variable', () => {
  const readme = readFileSync('README.md', 'utf8')
  for (const { name } of environment) expect(readme).toContain(`\`${name}\``)
})

test('[D75] Postgres needs a secret that all instances share, and Redis needs Postgres', () => {
  const DATABASE_URL = 'postgres://gloss:hunter2@db:5432/gloss'
  const SESSION_SECRET = SECRET

  expect(readConfig({ DATABASE_URL, SESSION_SECRET }).DATABASE_URL).toBe(DATABASE_URL)
  expect(readErrorOf({ DATABASE_URL })).toContain('DATABASE_URL needs a SESSION_SECRET of 32 bytes')
  const weak = readErrorOf({ DATABASE_URL, SESSION_SECRET: 's'.repeat(31) })
  expect(weak).toContain('SESSION_SECRET')
  expect(weak).not.toContain('hunter2')
  expect(readErrorOf({ DATABASE_URL: 'mysql://db/gloss', SESSION_SECRET })).toContain(
    'DATABASE_URL',
  )
  const REDIS_URL = 'redis://:hunter2@redis:6379'
  expect(readConfig({ REDIS_URL, DATABASE_URL, SESSION_SECRET }).REDIS_URL).toBe(REDIS_URL)
  const alone = readErrorOf({ REDIS_URL, SESSION_SECRET })
  expect(alone).toContain('REDIS_URL needs a DATABASE_URL')
  expect(alone).not.toContain('hunter2')
})

test.each([
  'ssssssssssssssssssssssssssssssssssssssss',
  'please-change-me-please-change-me-please',
  'your-secret-of-thirty-two-bytes-or-more!',
  '0123456789abcdef0123456789abcdef',
])('[H83] a secret that anybody would try first is refused: %s', (SESSION_SECRET) => {
  expect(readErrorOf({ SESSION_SECRET })).toContain('SESSION_SECRET is too easy to guess')
})

const SECRET = 'Vb3kq0zRj8Tn5yLw2XhGmCfUe7aPsDi4'

function readErrorOf(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    return String(error)
  }
  throw new Error('it was accepted')
}

test('[H243] a number is decimal digits and nothing else, in a setting as in a query', () => {
  for (const PORT of ['0x10', '1e3', ' 80', '+80', '-1', '80.5', '08', '65536']) {
    expect(readErrorOf({ PORT })).toContain('PORT')
  }
  for (const limit of ['0x10', '1e1', ' 7', '', '0', '101', '5.5', ['1', '2']]) {
    expect(DocumentQuery.safeParse({ limit }).success).toBe(false)
  }

  expect(readConfig({ PORT: '80' }).PORT).toBe(80)
  expect(DocumentQuery.parse({ limit: '100' }).limit).toBe(100)
  expect(DocumentQuery.parse({}).limit).toBe(50)
})
