/**
 * The configuration: read once, checked whole, frozen. Only main.ts hands in the environment; all
 * else is handed the values it needs.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { decimal } from '#shared/protocol/decimal.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'
import { LOG_LEVELS } from './log.ts'

const url = (protocol: RegExp) => z.url({ protocol })
/** Those that the page keeps too are part of the wire's schemas, and the same everywhere. */
const FIXED = new Set(['titleCharacters', 'nameCharacters', 'instructionCharacters'])
const settable = Object.keys(LIMITS).filter((name) => !FIXED.has(name))
const limitsShape = Object.fromEntries(
  settable.map((name) => [name, z.number().int().positive().optional()]),
)
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
})

const Model = z.strictObject({
  name: z.string().min(1).max(80).optional(),
  url: url(/^https?$/),
  model: z.string().min(1),
  key: z.string().min(1).optional(),
  contextTokens: z.number().int().min(1024).optional(),
})
export type ModelConfig = z.infer<typeof Model>

const Environment = z.object({
  PORT: decimal(0, 65_535).default(3000).describe('port to listen on'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  PUBLIC_URL: url(/^https?$/)
    .optional()
    .describe('the origin that browsers use, such as https://gloss.example.org'),
  DATA_DIR: z.string().min(1).default('./data').describe('where the embedded database lives'),
  DATABASE_URL: url(/^postgres(ql)?$/)
    .optional()
    .describe('Postgres, such as postgres://gloss:secret@db:5432/gloss; unset: SQLite in DATA_DIR'),
  REDIS_URL: url(/^rediss?$/)
    .optional()
    .describe('Redis, such as redis://:secret@redis:6379: several instances on one Postgres'),
  SESSION_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      'signs the session cookie, 32 bytes or more; made in DATA_DIR when unset, required on Postgres',
    ),
  GLOSS_MODEL_URL: url(/^https?$/)
    .optional()
    .describe(
      'an OpenAI-style endpoint, such as http://localhost:11434/v1; unset: built-in engine',
    ),
  GLOSS_MODEL: z.string().min(1).optional().describe('the name of the model at that endpoint'),
  GLOSS_MODEL_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('the key for that endpoint, if it has one'),
  GLOSS_MODELS: z
    .string()
    .min(1)
    .optional()
    .describe('a JSON file with several endpoints: [{"name","url","model","key","contextTokens"}]'),
  GLOSS_AI: z
    .enum(['on', 'off'])
    .default('on')
    .describe('`off` removes every trace of the co-pilot'),
  GLOSS_METRICS_TOKEN: z.string().min(8).optional().describe('bearer token that /metrics asks for'),
  GLOSS_LIMITS: json
    .pipe(z.strictObject(limitsShape))
    .optional()
    .describe('JSON object that overrides limits by name, such as {"runWallMs":60000}'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('debug, info, warn, error or silent'),
})

/** Names whose value may be read from the file that `<NAME>_FILE` points to. */
const SECRETS = [
  'DATABASE_URL',
  'REDIS_URL',
  'SESSION_SECRET',
  'GLOSS_MODEL_KEY',
  'GLOSS_METRICS_TOKEN',
]

export type Config = Readonly<
  Omit<z.infer<typeof Environment>, 'GLOSS_LIMITS'> & { limits: Limits; models: ModelConfig[] }
>

/** Throws one line that names every variable at fault, and none of their values. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = []
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== '') values[name] = value
  }
  for (const name of SECRETS) readSecretFile(name, values, faults)
  for (const name of Object.keys(values)) {
    if (name.startsWith('GLOSS_') && !(name in Environment.shape))
      faults.push(`${name} is not known`)
  }
  const result = Environment.safeParse(values)
  if (!result.success) {
    for (const { path, message } of result.error.issues)
      faults.push(`${path.join('.')}: ${message}`)
  }
  if (faults.length > 0 || !result.success) throw configError(faults)

  const { GLOSS_LIMITS, ...config } = result.data
  if (config.REDIS_URL && !config.DATABASE_URL) {
    const why = 'the embedded database takes one instance, which needs no Redis'
    throw configError([`REDIS_URL needs a DATABASE_URL: ${why}`])
  }
  // One that was made in DATA_DIR would be another on each instance, or on each new container.
  if (config.DATABASE_URL && !config.SESSION_SECRET) {
    throw configError(['DATABASE_URL needs a SESSION_SECRET of 32 bytes or more'])
  }
  if (config.SESSION_SECRET && isGuessable(config.SESSION_SECRET)) {
    throw configError(['SESSION_SECRET is too easy to guess; make one: openssl rand -base64 32'])
  }
  const limits = { ...LIMITS, ...(GLOSS_LIMITS as Partial<Limits>) }
  return Object.freeze({ ...config, limits, models: readModels(config) })
}

/** No random text of 32 characters has so few different ones, or is made of such words. */
const isGuessable = (secret: string): boolean =>
  new Set(secret).size < 10 || /change.?me|your.?secret|example|123456/i.test(secret)

/** What the README's table says; a test holds the two together. */
export const environment = Object.entries(Environment.shape).map(([name, field]) => ({
  name,
  meaning: field.description ?? '',
}))

function readSecretFile(name: string, values: Record<string, string>, faults: string[]): void {
  const path = values[`${name}_FILE`]
  if (path === undefined) return
  delete values[`${name}_FILE`]
  if (values[name] !== undefined) return void faults.push(`${name} and ${name}_FILE are both set`)
  try {
    values[name] = readFileSync(path, 'utf8').trim()
  } catch {
    faults.push(`${name}_FILE cannot be read`)
  }
}

function readModels(config: {
  GLOSS_MODEL_URL?: string | undefined
  GLOSS_MODEL?: string | undefined
  GLOSS_MODEL_KEY?: string | undefined
  GLOSS_MODELS?: string | undefined
}): ModelConfig[] {
  const {
    GLOSS_MODEL_URL: url,
    GLOSS_MODEL: model,
    GLOSS_MODEL_KEY: key,
    GLOSS_MODELS: file,
  } = config
  if ((url === undefined) !== (model === undefined)) {
    throw configError(['GLOSS_MODEL_URL and GLOSS_MODEL go together'])
  }
  const models: ModelConfig[] = []
  if (url && model) models.push({ url, model, ...(key ? { key } : {}) })
  if (file) models.push(...readModelFile(file))
  return models
}

function readModelFile(file: string): ModelConfig[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw configError(['GLOSS_MODELS: the file cannot be read'])
  }
  const result = json.pipe(z.array(Model)).safeParse(text)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw configError([`GLOSS_MODELS: ${path.join('.')} ${message}`])
}

const configError = (faults: readonly string[]): Error =>
  new Error(`configuration: ${faults.join('; ')}`)
