/**
 * What the SSE lane says. One schema for the server that writes and the client that reads; the
 * names are a fixed list, the data one line of JSON.
 */
import { z } from 'zod'

const at = z.number().int()
const run = z.string()

export const FailureKind = z.enum(['provider', 'timeout', 'interrupted', 'budget', 'busy'])
export type FailureKind = z.infer<typeof FailureKind>

export const Usage = z.object({
  input: z.number().int().nonnegative(),
  output: z.number().int().nonnegative(),
  estimated: z.boolean(),
})
export type Usage = z.infer<typeof Usage>

export const Person = z.object({ id: z.string(), name: z.string() })
export type Person = z.infer<typeof Person>

export const RunStarted = z.object({
  run,
  at,
  command: z.string(),
  title: z.string(),
  requester: Person,
  model: z.string(),
  suggestion: z.string(),
  /** The Yjs client id that the run writes with. */
  client: z.number().int(),
  /** Place in the queue; 0 is writing. */
  queue: z.number().int().nonnegative(),
  /** Where it was asked for, as the request named it. */
  target: z.unknown().optional(),
})
export const RunDelta = z.object({
  run,
  at,
  lane: z.literal('document'),
  text: z.string(),
  /** base64: the very Yjs update that is committed; applying it twice is harmless. */
  update: z.string(),
  tokens: z.number().int().nonnegative(),
})
export const RunChunk = z.object({
  run,
  at,
  chunk: z.string(),
  /** What a card shows of it; shortened. */
  text: z.string(),
  /** `none`: nothing of it is left to decide. */
  kind: z.enum(['sentence', 'block', 'edit', 'none']),
  /** `stale`: the text that it was made for has changed meanwhile. */
  state: z.enum(['open', 'stale']).default('open'),
})
/** How far an edit of many blocks has come. */
export const RunProgress = z.object({
  run,
  at,
  /** Blocks that are done, of those that there are to do. */
  done: z.number().int().nonnegative(),
  of: z.number().int().nonnegative(),
  /** Blocks that were passed over: the model gave nothing for them that could be used. */
  missed: z.number().int().nonnegative(),
})
export const RunFinished = z.object({
  run,
  at,
  reason: z.enum(['stop', 'length', 'stopped', 'filtered']),
  /** Who pressed stop. */
  by: Person.optional(),
  usage: Usage,
})
export const RunFailed = z.object({
  run,
  at,
  kind: FailureKind,
  /** A sentence for a person; never the upstream's words. */
  message: z.string(),
  continuable: z.boolean(),
})
export const SuggestionDecided = z.object({
  run,
  at,
  suggestion: z.string(),
  chunks: z.array(z.number().int()),
  decision: z.enum(['accepted', 'rejected', 'reopened']),
  by: Person,
})

/** Why a chunk is stale: what it was made for is not the text any more. */
export const StaleReason = z.object({
  /** `changed`: people changed the text. `accepted`: another suggestion for it was accepted. */
  kind: z.enum(['changed', 'accepted']),
  /** Whose change it was; null where that is not known. */
  by: Person.nullable(),
  /** The text that it was made for, as it was sent to the model; a line break is `\n`. */
  original: z.string(),
  /** That text with the suggestion. */
  proposal: z.string(),
  /** What stands there now. */
  present: z.string(),
})
export type StaleReason = z.infer<typeof StaleReason>

/** Chunks have become stale, or (`reason` null) fit the text again and are open. */
export const SuggestionStale = z.object({
  run,
  at,
  suggestion: z.string(),
  chunks: z.array(z.number().int()),
  reason: StaleReason.nullable(),
})

/** Kept in the document's event log and replayed after `Last-Event-ID`. */
export const LaneEvent = z.discriminatedUnion('type', [
  RunStarted.extend({ type: z.literal('run.started') }),
  RunDelta.extend({ type: z.literal('run.delta') }),
  RunChunk.extend({ type: z.literal('run.chunk') }),
  RunProgress.extend({ type: z.literal('run.progress') }),
  RunFinished.extend({ type: z.literal('run.finished') }),
  RunFailed.extend({ type: z.literal('run.failed') }),
  SuggestionDecided.extend({ type: z.literal('suggestion.decided') }),
  SuggestionStale.extend({ type: z.literal('suggestion.stale') }),
])
export type LaneEvent = z.infer<typeof LaneEvent>
export type LaneEventType = LaneEvent['type']

export const LANE_EVENT_TYPES: readonly LaneEventType[] = LaneEvent.options.map(
  (option) => option.shape.type.value,
)

/** Every run ends with exactly one of these. */
export const isTerminal = (type: string): boolean =>
  type === 'run.finished' || type === 'run.failed'
