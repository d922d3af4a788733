/** The bodies and queries of the HTTP routes. The same schemas validate, and become the OpenAPI. */
import { z } from 'zod'
import { decimal } from './decimal.ts'
import { FailureKind, Person, RunProgress, StaleReason } from './event.ts'
import { LIMITS } from './limits.ts'

export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const base64url = z
  .string()
  .regex(/^[A-Za-z0-9_-]*$/)
  .max(4096)
const key = z.string().min(1).max(128)
const oneLine = (max: number) =>
  z
    .string()
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .transform((text) => text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim())

export const Role = z.enum(['owner', 'editor', 'viewer'])
export type Role = z.infer<typeof Role>

/** What holding the link is worth to somebody who does not own the document. */
export const LinkRole = z.enum(['none', 'view', 'edit'])
export type LinkRole = z.infer<typeof LinkRole>

export const Session = z.object({ id: z.string(), name: z.string(), color: z.string() })
export type Session = z.infer<typeof Session>

export const SessionChange = z.strictObject({
  name: oneLine(LIMITS.nameCharacters).pipe(z.string().min(1)).optional(),
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .optional(),
})

export const DocumentInfo = z.object({
  id: Id,
  title: z.string(),
  role: Role,
  linkRole: LinkRole,
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Of a deleted one: when it can no longer be restored. */
  goneAt: z.number().optional(),
})
export type DocumentInfo = z.infer<typeof DocumentInfo>

export const NewDocument = z.strictObject({
  title: oneLine(LIMITS.titleCharacters).optional(),
  markdown: z
    .string()
    .max(512 * 1024)
    .optional(),
})
export const DocumentChange = z.strictObject({
  title: oneLine(LIMITS.titleCharacters).optional(),
  linkRole: LinkRole.optional(),
})
export const DocumentQuery = z.object({
  query: z.string().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: decimal(1, 100).default(50),
  /** Those of mine that are deleted and can be restored, instead; all that fit, in one page. */
  deleted: z.enum(['true', 'false']).default('false'),
})
export const DocumentPage = z.object({
  documents: z.array(DocumentInfo),
  cursor: z.string().optional(),
})

export const ContentFormat = z.enum(['markdown', 'html', 'text', 'json'])
export type ContentFormat = z.infer<typeof ContentFormat>
export const ContentView = z.enum(['without', 'inline', 'accepted'])
export type ContentView = z.infer<typeof ContentView>
export const ContentQuery = z.object({
  format: ContentFormat.default('markdown'),
  suggestions: ContentView.default('without'),
})

/** Relative positions are Yjs relative positions, encoded, base64url. */
export const Target = z.union([
  z.strictObject({ at: base64url }),
  z.strictObject({ range: z.strictObject({ from: base64url, to: base64url }) }),
  z.strictObject({ block: base64url }),
  z.strictObject({ document: z.literal(true) }),
])
export type Target = z.infer<typeof Target>

export const NewRun = z.strictObject({
  command: z.string().min(1).max(64),
  instruction: z.string().max(LIMITS.instructionCharacters).optional(),
  target: Target,
  key,
  /**
   * Goes on with this run, which broke off, in its suggestion: text behind its last whole sentence,
   * an edit with what is left to do. `command`, `instruction` and `target` count for nothing then.
   */
  continues: Id.optional(),
  /**
   * Asks again for this stale chunk, on the text as it is now: with the command of its run, whatever
   * `command`, `instruction` and `target` say. Once the new run has written, the chunk is dropped.
   */
  again: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}\.\d{1,6}$/)
    .optional(),
  /** base64url: the asking editor's state vector. The run waits until the room has as much. */
  basis: z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .max(64 * 1024)
    .optional(),
})
export type NewRun = z.infer<typeof NewRun>

export const RunStatus = z.enum([
  'queued',
  'streaming',
  'finished',
  'stopped',
  'failed',
  'interrupted',
])
export type RunStatus = z.infer<typeof RunStatus>

export const RunInfo = z.object({
  id: z.string(),
  suggestion: z.string(),
  command: z.string(),
  title: z.string(),
  instruction: z.string(),
  requester: Person,
  model: z.string(),
  /** Where it was asked for, as the request named it. */
  target: Target.optional(),
  status: RunStatus,
  queue: z.number().int().nonnegative(),
  tokens: z.number().int().nonnegative(),
  failure: z
    .object({ kind: FailureKind, message: z.string(), continuable: z.boolean() })
    .nullable(),
  /** It ended within a sentence, a heading or an item: who goes on takes that back. */
  isCut: z.boolean().optional(),
  /** How far an edit of several blocks has come; null where there is no such count. */
  progress: RunProgress.pick({ done: true, of: true, missed: true }).nullable(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
})
export type RunInfo = z.infer<typeof RunInfo>

export const Decide = z.strictObject({
  decision: z.enum(['accept', 'reject', 'reopen']),
  /** An empty list would be none or all, as one likes to read it. */
  chunks: z.array(z.number().int().nonnegative()).min(1).max(10_000).optional(),
  key,
})

/**
 * `stale`: what the chunk was made for is not the text any more. It strikes nothing, and what it
 * proposes stands beside until somebody drops it or asks again.
 */
export const ChunkState = z.enum(['writing', 'open', 'stale', 'accepted', 'rejected'])
export type ChunkState = z.infer<typeof ChunkState>
/** What became of the chunks that a decision was about. */
export const Decided = z.object({
  chunks: z.array(z.object({ n: z.number().int(), state: ChunkState })),
})
export type Decided = z.infer<typeof Decided>

export const ChunkInfo = z.object({
  n: z.number().int(),
  id: z.string(),
  state: ChunkState,
  /** What is proposed. */
  inserted: z.string(),
  /** What it would strike; of a stale one nothing. */
  deleted: z.string(),
  /** Why it is stale; null where it is not. */
  reason: StaleReason.nullable(),
  /** Open chunks for the same words: accepting this one makes those stale. */
  rivals: z.array(z.string()),
})
export const SuggestionInfo = z.object({
  id: z.string(),
  run: z.string().nullable(),
  author: Person,
  command: z.string(),
  title: z.string(),
  chunks: z.array(ChunkInfo),
})
export type SuggestionInfo = z.infer<typeof SuggestionInfo>

/** RFC 9457. `type` is a stable slug. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
})
export type Problem = z.infer<typeof Problem>

/** Who was first, of a chunk that was to be decided otherwise. */
export const Winner = z.object({
  n: z.number().int(),
  state: z.enum(['accepted', 'rejected']),
  /** Null where the name is not known any more. */
  by: Person.nullable(),
})
export type Winner = z.infer<typeof Winner>
/** A refusal that names those who decided first. */
export const Contested = Problem.extend({ winners: z.array(Winner).optional() })

/** What a decision was answered, as it is kept for whoever asks again with the same key. */
export const KeptDecision = z.union([Decided, z.object({ winners: z.array(Winner) })])
export type KeptDecision = z.infer<typeof KeptDecision>

export const CommandInfo = z.object({
  id: z.string(),
  label: z.string(),
  kind: z.enum(['insert', 'edit', 'panel']),
  hint: z.string(),
  /** Works without a language model. */
  builtIn: z.boolean(),
  /** Takes a sentence of the person's own. */
  instruction: z.enum(['none', 'optional', 'required']),
})
export type CommandInfo = z.infer<typeof CommandInfo>

/** What the page asks once: GET /api/copilot. */
export const CopilotInfo = z.object({
  on: z.boolean(),
  model: z.string(),
  builtIn: z.boolean(),
  commands: z.array(CommandInfo),
})
export type CopilotInfo = z.infer<typeof CopilotInfo>
