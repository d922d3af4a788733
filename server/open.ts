/** The composition root: chooses the adapters, opens the floors bottom up, closes them top down. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { builtInEndpoint } from './ai/built-in/built-in.ts'
import { Drafts } from './ai/drafts.ts'
import { openAiEndpoint } from './ai/openai.ts'
import { withRetry } from './ai/retry.ts'
import { Runs } from './ai/runs.ts'
import { Sweeper } from './ai/sweeper.ts'
import type { Bus } from './bus/bus.ts'
import { MemoryBus } from './bus/memory.ts'
import { RedisBus } from './bus/redis.ts'
import { type Config, readConfig } from './config.ts'
import { type App, createApp } from './http/app.ts'
import { createLog, type Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { Purging } from './rooms/purging.ts'
import { RoomRegistry } from './rooms/room-registry.ts'
import { sessionSecret } from './secret.ts'
import type { DocumentStore } from './store/document-store.ts'
import { PostgresStore } from './store/postgres.ts'
import { PostgresClaim } from './store/postgres-claim.ts'
import { SqliteStore } from './store/sqlite.ts'
import { makeFolder } from './store/sqlite-files.ts'

const VERSION = '0.1.0'

export interface Gloss {
  readonly app: App
  /** Where browsers find it; true once `listen` has resolved. */
  readonly url: string
  listen(): Promise<void>
  /** Resolves with the reason when it must not go on; never before. */
  readonly broken: Promise<Error>
  /** Runs get their time to end, what is queued is committed, then the doors close. */
  close(): Promise<void>
}

/** Throws one clear line for whatever keeps it from starting. */
export async function open(env: Readonly<Record<string, string | undefined>>): Promise<Gloss> {
  const config = readConfig(env)
  const { limits } = config
  const log = createLog(config.LOG_LEVEL)
  const metrics = new Metrics()
  const instance = randomUUID()

  const secret = await inDataDir(config)
  const broken = Promise.withResolvers<Error>()
  const claim = await claimOn(config, log, broken.resolve)
  const store = await openStore(config, log).catch(async (error: unknown) => {
    await claim?.close()
    throw error
  })
  const bus: Bus = config.REDIS_URL
    ? new RedisBus({
        url: config.REDIS_URL,
        instance,
        secret,
        log,
        refused: () => metrics.rejected.inc({ reason: 'bus' }),
      })
    : new MemoryBus(instance)
  const rooms = new RoomRegistry({ store, bus, limits, log, metrics })
  const [model] = config.models
  const endpoint = model
    ? withRetry(
        openAiEndpoint({
          baseUrl: model.url,
          model: model.model,
          log,
          ...(model.name && { name: model.name }),
          ...(model.key && { key: model.key }),
          ...(model.contextTokens && { contextTokens: model.contextTokens }),
        }),
        { attempts: 2, maxWaitMs: 4_000, log },
      )
    : builtInEndpoint({ log })
  const runs =
    config.GLOSS_AI === 'on'
      ? new Runs({ store, rooms, endpoint, limits, log, metrics, instance })
      : undefined
  // Without the co-pilot there is still house to keep: of runs that an earlier start left behind.
  const sweeper = runs ? undefined : new Sweeper({ store, rooms, limits, log, metrics })
  const purging = new Purging({ store, limits, log })

  const drafts = new Drafts()
  const app = createApp({
    store,
    bus,
    rooms,
    runs,
    firstContent: (markdown) => drafts.of(markdown),
    secret,
    publicUrl: config.PUBLIC_URL,
    host: config.HOST,
    metricsToken: config.GLOSS_METRICS_TOKEN,
    limits,
    version: VERSION,
    log,
    metrics,
  })

  return {
    app,
    broken: broken.promise,
    get url() {
      const address = app.fastify.server.address()
      const port = typeof address === 'object' && address ? address.port : config.PORT
      const host = ['0.0.0.0', '::', '127.0.0.1'].includes(config.HOST) ? 'localhost' : config.HOST
      return config.PUBLIC_URL ?? `http://${host}:${port}`
    },
    listen: async () => {
      await app.fastify.listen({ port: config.PORT, host: config.HOST }).catch((error: unknown) => {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'EADDRINUSE') throw error
        throw new Error(`port ${config.PORT} is in use; start with another: PORT=3001 npm start`)
      })
      log.info({ instance, host: config.HOST, port: config.PORT }, 'listening')
    },
    close: async () => {
      log.info({ instance }, 'stopping')
      app.drain()
      await runs?.close()
      sweeper?.close()
      await purging.close()
      await drafts.close()
      await app.close()
      await rooms.close()
      await endpoint.close()
      await bus.close()
      await store.close()
      await claim?.close()
    },
  }
}

/** Makes the folder where it is needed; what is kept there beside the database is the secret. */
async function inDataDir({ DATABASE_URL, DATA_DIR, SESSION_SECRET }: Config): Promise<string> {
  try {
    if (!DATABASE_URL) makeFolder(DATA_DIR)
    return await sessionSecret(SESSION_SECRET, DATA_DIR)
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException
    throw new Error(`DATA_DIR: ${DATA_DIR} is no folder that can be written to (${code})`)
  }
}

/** On the embedded database the store itself sees to it that nobody else has it. */
async function claimOn(
  { DATABASE_URL: url, REDIS_URL }: Config,
  log: Log,
  lost: (error: Error) => void,
): Promise<PostgresClaim | undefined> {
  return url ? PostgresClaim.take({ url, shared: REDIS_URL !== undefined, log, lost }) : undefined
}

function openStore({ DATABASE_URL: url, DATA_DIR, limits }: Config, log: Log) {
  const store: Promise<DocumentStore> = url
    ? PostgresStore.open({ url, log, limits })
    : SqliteStore.open({ path: join(DATA_DIR, 'gloss.sqlite'), log, limits })
  return store
}
