/**
 * Progress is how far an edit of many blocks has come: what people are told of it, and what a run
 * needs that goes on with it, be it after a restart.
 */
import { z } from 'zod'

export const Progress = z.object({
  /** Blocks that are done, of those that there are to do. */
  done: z.number().int().nonnegative(),
  of: z.number().int().nonnegative(),
  /** The last blocks that are done, by id, the last one last: what stands behind them is to do. */
  after: z.array(z.string()),
  /** A block of which a part is done: up to this character. */
  within: z
    .object({ block: z.string(), client: z.number().int(), clock: z.number().int() })
    .nullable(),
  /** Blocks that were passed over. */
  missed: z.number().int().nonnegative(),
})
export type Progress = z.infer<typeof Progress>

export const NO_PROGRESS: Progress = { done: 0, of: 0, after: [], within: null, missed: 0 }

/** From a run's row; undefined where it has none, or one that cannot be read. */
export function readProgress(json: string | null): Progress | undefined {
  if (json === null) return undefined
  try {
    return Progress.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}
