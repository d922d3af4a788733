/**
 * Shape says what a document's Y.Doc holds, and lists the only node types and attributes that may be
 * in it. Lexical's V2 binding gives the names; this file is where the server and the client
 * agree on them.
 */
import * as Y from 'yjs'

/**
 * Raised when a page that does not know the newer shape or its rules could harm a document. Part of
 * the handshake. 2: the bytes are those of 1, but a page of 1 writes whenever others do.
 */
export const SCHEMA_VERSION = 2

export const ROOT = 'root-v2'
export const DECISIONS = 'decisions'
export const SUGGESTIONS = 'suggestions'
export const ROOT_NAMES: readonly string[] = [ROOT, DECISIONS, SUGGESTIONS]

/**
 * The room writes late words under Yjs clients below this, and pages take theirs above it. Of two
 * texts that are written behind one character at once Yjs puts the lower client's first: late words
 * come before what their writer went on to type at the copy meanwhile (case 33.2: else `dogs`, ` `,
 * `bark` became `dogsbark `). Among 32 bits, as Yjs chooses, 1 page of 256 would be below.
 */
export const ABOVE_LATE_CLIENTS = 2 ** 24

/** A Yjs client for a page, by chance: never one under which the room writes late words. */
export function newPageClient(): number {
  return ABOVE_LATE_CLIENTS + Math.floor(Math.random() * (2 ** 32 - ABOVE_LATE_CLIENTS))
}

/**
 * A Yjs client under which the room writes late words of this person or run, by chance. Its lowest
 * byte follows from the person: a page knows by it which late words may be its own.
 */
export const newLateClient = (owner: string): number =>
  256 * Math.floor(Math.random() * (ABOVE_LATE_CLIENTS / 256)) + byteOf(owner)

/** Whether the room may write this one's late words so: of 256 others' one is taken for it as well. */
export const mayBeLateClientOf = (client: number, owner: string): boolean =>
  client < ABOVE_LATE_CLIENTS && client % 256 === byteOf(owner)

function byteOf(owner: string): number {
  let hash = 0
  for (const letter of owner) hash = (31 * hash + letter.codePointAt(0)!) % 65_521
  return hash % 256
}

/** The attribute that V2 makes of the NodeState `sg`, on text and on blocks. */
export const FLAG = 's_sg'
/** The attribute in which V2 keeps a text's properties: `{__format: bits}`. */
export const PROPERTIES = 'p'
/** V2's bookkeeping between equal neighbours; a writer clears it with its first characters. */
export const INDEX = 'i'

/** Lexical's text formats, as bits of `__format`. */
export const FORMAT = {
  bold: 1,
  italic: 2,
  strikethrough: 4,
  underline: 8,
  code: 16,
  subscript: 32,
  superscript: 64,
  highlight: 128,
} as const

/** Node types with the attributes each may carry. `s_sg` is allowed on all of them. */
export const NODE_TYPES: Readonly<Record<string, readonly string[]>> = {
  paragraph: ['__indent', '__dir', '__textFormat', '__textStyle', '__format', '__style'],
  heading: ['__tag', '__indent', '__dir', '__textFormat', '__textStyle', '__format', '__style'],
  quote: ['__indent', '__dir', '__textFormat', '__textStyle', '__format', '__style'],
  list: [
    '__tag',
    '__listType',
    '__start',
    '__indent',
    '__dir',
    '__textFormat',
    '__textStyle',
    '__format',
    '__style',
  ],
  listitem: [
    '__checked',
    '__value',
    '__indent',
    '__dir',
    '__textFormat',
    '__textStyle',
    '__format',
    '__style',
  ],
  code: [
    '__language',
    '__theme',
    '__isSyntaxHighlightSupported',
    '__indent',
    '__dir',
    '__textFormat',
    '__textStyle',
    '__format',
    '__style',
  ],
  link: [
    '__url',
    '__target',
    '__rel',
    '__title',
    '__indent',
    '__dir',
    '__textFormat',
    '__textStyle',
    '__format',
    '__style',
  ],
  linebreak: [],
  tab: ['__text', '__detail', '__mode', '__format', '__style'],
  horizontalrule: [],
}

/** Node types that stand on a line of their own, as against those inside a line. */
export const INLINE_TYPES: ReadonlySet<string> = new Set(['link', 'linebreak', 'tab'])

/** Lexical omits a property that has its class's default: absent means these. */
export const DEFAULTS = { headingTag: 'h1', listType: 'number', listTag: 'ol' } as const

export const body = (doc: Y.Doc): Y.XmlElement => doc.get(ROOT, Y.XmlElement) as Y.XmlElement
export const decisionMap = (doc: Y.Doc): Y.Map<DecisionEntry> => doc.getMap(DECISIONS)
export const suggestionMap = (doc: Y.Doc): Y.Map<SuggestionEntry> => doc.getMap(SUGGESTIONS)

/** One person's say on one chunk; its key is `decisionKey(chunk, user)`. */
export interface DecisionEntry {
  decision: 'accepted' | 'rejected'
  /** Milliseconds since 1970, of the device that decided. For people, never for ordering. */
  at: number
}

/** What the page needs to show a suggestion; written by the server alone. */
export interface SuggestionEntry {
  run: string | null
  /** Who asked: a user id. */
  author: string
  authorName: string
  kind: 'insert' | 'edit'
  command: string
  title: string
  status: 'streaming' | 'finished' | 'stopped' | 'interrupted' | 'failed'
  /** A sentence for a person where it ended badly. */
  problem: string | null
  createdAt: number
  /** What the flags in the text cannot show of a chunk, by the chunk's number. */
  notes?: Record<string, ChunkNote>
}

/** The command of a suggestion that no run has written: somebody's words whose place was gone. */
export const RESCUED = 'rescued'

export interface ChunkNote {
  /** Set while the chunk is stale. */
  stale?: StaleNote
  /** What it strikes, where the text shows another chunk's strike. */
  strikes?: string
  /** Ids of open chunks for the same words. */
  rivals?: string[]
}

/** Why a chunk is stale, and where its text is: see StaleReason of the protocol. */
export interface StaleNote {
  kind: 'changed' | 'accepted'
  by: { id: string; name: string } | null
  original: string
  proposal: string
  /** Items of the original, and of what stands in its stead: `client, from, to` (excluded). */
  spans: { client: number; from: number; to: number }[]
  /** The edit is of whole blocks. */
  whole: boolean
}

/** What the server has noted of a chunk. */
export const noteOf = (doc: Y.Doc, chunk: string): ChunkNote | undefined =>
  suggestionMap(doc).get(suggestionOf(chunk))?.notes?.[chunkNumber(chunk)]

/** A suggestion's parts, `<suggestion>.<n>`. */
export const chunkId = (suggestion: string, n: number): string => `${suggestion}.${n}`
export const suggestionOf = (chunk: string): string => chunk.slice(0, chunk.lastIndexOf('.'))
export const chunkNumber = (chunk: string): number =>
  Number(chunk.slice(chunk.lastIndexOf('.') + 1))

export const decisionKey = (chunk: string, user: string): string => `${chunk}:${user}`
export function parseDecisionKey(key: string): { chunk: string; user: string } | undefined {
  const at = key.indexOf(':')
  return at > 0 ? { chunk: key.slice(0, at), user: key.slice(at + 1) } : undefined
}

/** How provisional text shows: `ins:<chunk>` is proposed, `del:<chunk>` is struck. */
export interface Flag {
  op: 'ins' | 'del'
  chunk: string
  /** What it was made for is not the text any more. Not in the text: the server notes it. */
  stale?: true
}
export const formatFlag = ({ op, chunk }: Omit<Flag, 'stale'>): string => `${op}:${chunk}`
export function parseFlag(value: unknown): Flag | undefined {
  if (typeof value !== 'string') return undefined
  const op = value.slice(0, 3)
  return (op === 'ins' || op === 'del') && value[3] === ':' && value.length > 4
    ? { op, chunk: value.slice(4) }
    : undefined
}

/** The first content of a document without any: one empty paragraph. The server alone writes it. */
export function seedEmpty(doc: Y.Doc): void {
  if (body(doc).length === 0) body(doc).insert(0, [new Y.XmlElement('paragraph')])
}
