/**
 * Where people work: a server, or the cluster, and the model that it asks, which says what it is
 * told to. Stories share one, each with a document of its own; `reset` stands between them.
 */
import { type ModelServer, startModelServer } from './model-server/model-server.ts'
import { startTopology, type Topology } from './topology.ts'

export interface WorkplaceOptions {
  /** Without a model the built-in engine answers. */
  model?: boolean
  env?: Record<string, string>
}

export class Workplace {
  readonly gloss: Topology
  readonly model: ModelServer

  private constructor(gloss: Topology, model: ModelServer) {
    this.gloss = gloss
    this.model = model
  }

  static async open({ model = true, env = {} }: WorkplaceOptions = {}): Promise<Workplace> {
    const scripted = await startModelServer()
    const connected = { GLOSS_MODEL_URL: scripted.url, GLOSS_MODEL: 'scripted' }
    try {
      const gloss = await startTopology({ ...(model ? connected : {}), ...env })
      return new Workplace(gloss, scripted)
    } catch (error) {
      await scripted.close()
      throw error
    }
  }

  /** The model forgets what it was told, once it has said all that it was asked. */
  async reset(): Promise<void> {
    this.model.setDefault({})
    await this.model.quiet()
    this.model.reset()
  }

  async close(): Promise<void> {
    await this.gloss.stop()
    await this.model.close()
  }
}
