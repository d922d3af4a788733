/**
 * What a person's editor may put where in a document: the rules behind the inspector, one item at
 * a time. They follow what Lexical's V2 binding writes for our node types; whatever could stop
 * another editor from showing the document (an unknown node, a heading whose tag is `script`, a
 * list without items) is refused here, before anybody gets it.
 */
import { safeUrl } from '#shared/document/links.ts'
import {
  FLAG,
  INDEX,
  INLINE_TYPES,
  NODE_TYPES,
  PROPERTIES,
  parseDecisionKey,
  parseFlag,
} from '#shared/document/shape.ts'
import type { Content } from '#shared/document/update-reader.ts'
import type { Holder, Place } from './frontier.ts'

export type RuleReason =
  | 'content'
  /** Where the server alone writes. */
  | 'server-only'
  /** Somebody else's decision, or not a decision. */
  | 'decision'
  | 'node-type'
  | 'nesting'
  | 'attribute'
  | 'format'
  | 'url'

const MAX_DEPTH = 64
const MAX_TEXT = 2_048

/** Why `user` may not put `content` there; undefined where it may. */
export function ruleAgainst(place: Place, content: Content, user: string): RuleReason | undefined {
  const { holder, key } = place
  switch (holder.kind) {
    case 'suggestions':
      return 'server-only'
    case 'decisions':
      return againstDecision(key, content, user)
    case 'body':
      return key === null ? againstChild(holder, content) : againstAttribute('root', key, content)
    case 'element':
      return key === null
        ? againstChild(holder, content)
        : againstAttribute(holder.type, key, content)
    case 'text':
      return key === null ? againstCharacters(content) : 'attribute'
    case 'other':
      return 'content'
  }
}

/** Why `user` may not delete what stands there; undefined where it may. */
export function ruleAgainstDeleting({ holder, key }: Place, user: string): RuleReason | undefined {
  if (holder.kind === 'suggestions') return 'server-only'
  if (holder.kind === 'decisions' && !isOwnKey(key, user)) return 'decision'
  return undefined
}

function againstDecision(
  key: string | null,
  content: Content,
  user: string,
): RuleReason | undefined {
  if (!isOwnKey(key, user)) return 'decision'
  if (content.kind === 'deleted') return undefined
  return content.kind === 'values' && content.values.every(isDecision) ? undefined : 'decision'
}

function isOwnKey(key: string | null, user: string): boolean {
  return key !== null && key.length <= 256 && parseDecisionKey(key)?.user === user
}

function isDecision(value: unknown): boolean {
  return (
    isPlain(value) &&
    Object.keys(value).length === 2 &&
    (value.decision === 'accepted' || value.decision === 'rejected') &&
    Number.isFinite(value.at)
  )
}

function againstChild(holder: Holder, content: Content): RuleReason | undefined {
  switch (content.kind) {
    case 'deleted':
      return undefined
    case 'text':
      return holder.kind === 'element' && holdsText(holder.type) ? undefined : 'nesting'
    case 'element':
      return againstElement(holder, content.name)
    default:
      return 'content'
  }
}

function againstElement(holder: Holder, name: string): RuleReason | undefined {
  // V2 keeps a tab in its text, as a character with the type `tab`.
  if (!Object.hasOwn(NODE_TYPES, name) || name === 'tab') return 'node-type'
  if (holder.depth >= MAX_DEPTH) return 'nesting'
  if (holder.kind === 'body') {
    return INLINE_TYPES.has(name) || name === 'listitem' ? 'nesting' : undefined
  }
  if (holder.kind !== 'element' || LEAVES.has(holder.type)) return 'nesting'
  return (holder.type === 'list') === (name === 'listitem') ? undefined : 'nesting'
}

const LEAVES: ReadonlySet<string> = new Set(['linebreak', 'horizontalrule', 'tab'])
const holdsText = (type: string): boolean => !LEAVES.has(type) && type !== 'list'

function againstCharacters(content: Content): RuleReason | undefined {
  switch (content.kind) {
    case 'string':
    case 'deleted':
      return undefined
    case 'format': {
      const check = Object.hasOwn(TEXT_FORMATS, content.key) && TEXT_FORMATS[content.key]
      return check && (content.value === null || check(content.value)) ? undefined : 'format'
    }
    default:
      return 'content'
  }
}

function againstAttribute(type: string, key: string, content: Content): RuleReason | undefined {
  if (key !== FLAG && !attributesOf(type).includes(key)) return 'attribute'
  if (content.kind === 'deleted') return undefined
  if (content.kind !== 'values') return 'attribute'
  const check = type === 'list' && key === '__tag' ? isListTag : ATTRIBUTES[key]
  const wrong = content.values.some(
    (value) => value !== null && value !== undefined && !check?.(value),
  )
  return wrong ? (key === '__url' ? 'url' : 'attribute') : undefined
}

const ROOT_ATTRIBUTES: readonly string[] = ['__indent', '__dir', '__format', '__style']
const attributesOf = (type: string): readonly string[] =>
  type === 'root' ? ROOT_ATTRIBUTES : (NODE_TYPES[type] ?? [])

type Check = (value: unknown) => boolean

const isBoolean: Check = (value) => typeof value === 'boolean'
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0
const isInteger: Check = (value) => Number.isInteger(value)
const isText: Check = (value) => typeof value === 'string' && value.length <= MAX_TEXT
const isFlag: Check = (value) => isText(value) && parseFlag(value) !== undefined
const isListTag: Check = (value) => value === 'ol' || value === 'ul'
/** Colours and sizes; nothing that loads, and nothing that leaves its place. */
const isStyle: Check = (value) =>
  isText(value) &&
  /^[\w\s:;#%.,()'"-]*$/.test(value as string) &&
  !/url|image|position|expression/i.test(value as string)

const ATTRIBUTES: Readonly<Record<string, Check>> = {
  [FLAG]: isFlag,
  __tag: (value) => typeof value === 'string' && /^h[1-6]$/.test(value),
  __listType: (value) => value === 'bullet' || value === 'number' || value === 'check',
  __start: isInteger,
  __value: isInteger,
  __checked: isBoolean,
  __indent: isCount,
  __dir: (value) => value === 'ltr' || value === 'rtl',
  __format: isCount,
  __textFormat: isCount,
  __style: isStyle,
  __textStyle: isStyle,
  __language: isText,
  __theme: isText,
  __isSyntaxHighlightSupported: isBoolean,
  __target: isText,
  __rel: isText,
  __title: isText,
  __url: isInertOrSafe,
}

const TEXT_PROPERTIES: Readonly<Record<string, Check>> = {
  __format: isCount,
  __style: isStyle,
  __mode: isCount,
  __detail: isCount,
}

const TEXT_FORMATS: Readonly<Record<string, Check>> = {
  [FLAG]: isFlag,
  [INDEX]: isCount,
  t: (value) => value === 'tab',
  [PROPERTIES]: (value) =>
    isPlain(value) &&
    Object.entries(value).every(
      ([key, property]) => Object.hasOwn(TEXT_PROPERTIES, key) && TEXT_PROPERTIES[key]?.(property),
    ),
}

/**
 * A URL that may be followed, or one that nothing follows: text that is no absolute URL (`#top`,
 * `/page`, half a typed address) stays inert on every road out, and people do paste it.
 */
function isInertOrSafe(value: unknown): boolean {
  return isText(value) && (!URL.canParse((value as string).trim()) || !!safeUrl(value as string))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
