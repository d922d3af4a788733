/** HarperMessages are what the server and the proofreader's process say to each other. */
import { z } from 'zod'

export const LintRequest = z.strictObject({
  id: z.number().int(),
  text: z.string(),
  dialect: z.enum(['american', 'british']),
})
export type LintRequest = z.infer<typeof LintRequest>

/** `corrected` is the whole text with the corrections made; `english` is a guess. */
export const LintAnswer = z.strictObject({
  id: z.number().int(),
  corrected: z.string(),
  english: z.boolean(),
})
export type LintAnswer = z.infer<typeof LintAnswer>

/** Said once, when the process has loaded all that it needs to answer. */
export const Ready = z.strictObject({ ready: z.literal(true) })
export type Ready = z.infer<typeof Ready>

export const ChildMessage = z.union([Ready, LintAnswer])
export type ChildMessage = z.infer<typeof ChildMessage>
