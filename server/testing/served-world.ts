/**
 * The world of a test, served: each instance behind a port of its own. Unlike `Served` a test can
 * hold the store's commits and lose what the instances tell each other.
 */
import type { AddressInfo } from 'node:net'
import { MemoryBus } from '#server/bus/memory.ts'
import { type App, createApp } from '#server/http/app.ts'
import { silent } from '#server/log.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import type { Session } from '#shared/protocol/api.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { GuestClient } from './served.ts'
import { World } from './world.ts'

export class ServedWorld {
  readonly world: World
  readonly #apps = new Map<string, App>()

  private constructor(world: World) {
    this.world = world
  }

  static async open(limits: Partial<Limits> = {}): Promise<ServedWorld> {
    return new ServedWorld(await World.open({ limits }))
  }

  /** Where an instance is served, started when it is first named. */
  async url(instance = 'one'): Promise<string> {
    const app = this.#apps.get(instance) ?? (await this.#serve(instance))
    const { port } = app.fastify.server.address() as AddressInfo
    return `http://localhost:${port}`
  }

  async guest(instance = 'one'): Promise<GuestClient> {
    const url = await this.url(instance)
    const response = await fetch(`${url}/api/session`, { method: 'POST' })
    const { token, ...me } = (await response.json()) as Session & { token: string }
    return new GuestClient(url, token, me)
  }

  async #serve(instance: string): Promise<App> {
    const { store, limits, hub } = this.world
    const { rooms, metrics } = this.world.instance(instance)
    const app = createApp({
      store,
      bus: new MemoryBus(instance, hub),
      rooms,
      runs: undefined,
      firstContent: async () => firstContent([]),
      secret: 'a secret of thirty-two characters',
      publicUrl: undefined,
      metricsToken: undefined,
      limits,
      version: 'test',
      log: silent,
      metrics,
    })
    this.#apps.set(instance, app)
    await app.fastify.listen({ port: 0, host: '127.0.0.1' })
    return app
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.world.gate.release()
    for (const app of this.#apps.values()) await app.close()
    await this.world[Symbol.asyncDispose]()
  }
}
