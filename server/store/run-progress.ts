/**
 * Progress is how far a run has come: what people are told of it, and what another run needs that
 * goes on with it, be it after a restart. It is kept as JSON in the run's row.
 */
import { z } from 'zod'

export const Progress = z.object({
  /** Blocks that are done, of those that there are to do. */
  done: z.number().int().nonnegative(),
  of: z.number().int().nonnegative(),
  /** Blocks that were passed over. */
  missed: z.number().int().nonnegative(),
  /** The next blocks to do, by id; any of them may be deleted meanwhile. */
  next: z.array(z.string()),
  /** The last blocks that are done, the last one last. */
  after: z.array(z.string()),
  /** A block of which a part is done, and the first characters of its next sentences to do. */
  within: z
    .object({
      block: z.string(),
      starts: z.array(z.object({ client: z.number().int(), clock: z.number().int() })),
    })
    .nullable(),
  /** The chunk that was under way when the run broke off: a half, which who goes on takes back. */
  cut: z.string().nullable(),
})
export type Progress = z.infer<typeof Progress>

export const NO_PROGRESS: Progress = {
  ...{ done: 0, of: 0, missed: 0 },
  ...{ next: [], after: [], within: null, cut: null },
}

/** From a run's row; undefined where it has none, or one that cannot be read. */
export function readProgress(json: string | null): Progress | undefined {
  if (json === null) return undefined
  try {
    return Progress.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}

/** The column of a run's row as it ends: how far it has come, and the chunk that it left half. */
export function progressWith(
  progress: Progress | undefined,
  cut: string | null,
): { progress?: string } {
  if (!progress && cut === null) return {}
  return { progress: JSON.stringify({ ...(progress ?? NO_PROGRESS), cut }) }
}
