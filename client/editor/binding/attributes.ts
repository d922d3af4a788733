/**
 * These functions translate what a Lexical node holds into the attributes that Yjs keeps for it,
 * and back. The names are those of Lexical's V2 binding, so that documents of every version open:
 * a property that differs from its class's default stands under its own name, a NodeState under
 * `s_` and its key; in a text, the properties stand together under `p`, another type than the plain
 * one under `t`.
 */
import type { BindingV2 } from '@lexical/yjs'
import { $getWritableNodeState, type LexicalNode, type TextNode } from 'lexical'
import { FLAG, PROPERTIES } from '#shared/document/shape.ts'
import { SEAM } from './seam.ts'

export type Attributes = Record<string, unknown>

export const STATE = 's_'
export const TYPE = 't'
/** What others could write to reach into JavaScript itself. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype', '__slots'])

export function defaultsOf({ nodeProperties }: BindingV2, type: string): Attributes {
  const defaults = nodeProperties.get(type)
  if (!defaults) throw new Error(`no node of the type ${type} is known`)
  return defaults
}

/** An element's attributes as Yjs keeps them. */
export const elementAttributes = (binding: BindingV2, node: LexicalNode): Attributes => ({
  ...propertiesOf(binding, node),
  ...statesOf(node),
})

/** The attributes of a text node's characters. */
export function textAttributes(binding: BindingV2, node: TextNode): Attributes {
  const properties = propertiesOf(binding, node)
  const type = node.getType()
  return {
    ...(type !== 'text' && { [TYPE]: type }),
    ...(Object.keys(properties).length > 0 && { [PROPERTIES]: properties }),
    ...statesOf(node),
  }
}

function propertiesOf(binding: BindingV2, node: LexicalNode): Attributes {
  const properties: Attributes = {}
  const values = node as unknown as Attributes
  for (const [name, value] of Object.entries(defaultsOf(binding, node.getType()))) {
    if (values[name] !== value) properties[name] = values[name]
  }
  return properties
}

/** Under their names in Yjs. A seam is this page's alone. */
function statesOf(node: LexicalNode): Attributes {
  const states: Attributes = {}
  for (const [key, value] of stateEntries(node)) if (key !== SEAM) states[STATE + key] = value
  return states
}

/** The suggestion that a text node's characters show; undefined where they are plain. */
export function flagOf(node: TextNode): string | undefined {
  for (const [key, value] of stateEntries(node)) {
    if (STATE + key === FLAG && typeof value === 'string') return value
  }
  return undefined
}

function* stateEntries({ __state: state }: LexicalNode): Generator<[string, unknown]> {
  if (!state) return
  const [unknown = {}, known] = state.getInternalState()
  yield* Object.entries(unknown)
  for (const [config, value] of known) yield [String(config.key), config.unparse(value)]
}

/** Sets the properties that `wanted` names, or of them those in `names`; unknown ones are left. */
export function $setProperties(
  binding: BindingV2,
  node: LexicalNode,
  wanted: Attributes,
  names: Iterable<string> = Object.keys(wanted),
): void {
  const defaults = defaultsOf(binding, node.getType())
  for (const name of names) {
    if (!(name in defaults) || UNSAFE.has(name)) continue
    const value = name in wanted ? wanted[name] : defaults[name]
    if ((node.getLatest() as unknown as Attributes)[name] === value) continue
    ;(node.getWritable() as unknown as Attributes)[name] = value
  }
}

/** Makes these a node's states, and no others, besides what `local` names for this page alone. */
export function $setStates(node: LexicalNode, wanted: Attributes, local: Attributes = {}): void {
  const present = Object.fromEntries(stateEntries(node.getLatest()))
  const next = { ...unprefixed(wanted), ...local }
  if (!sameAttributes(present, next)) $getWritableNodeState(node).updateFromJSON(next)
}

/** Sets the states among `names`, which are attributes of Yjs, to what `wanted` has. */
export function $updateStates(node: LexicalNode, wanted: Attributes, names: Iterable<string>) {
  for (const name of names) {
    if (!name.startsWith(STATE)) continue
    $getWritableNodeState(node).updateFromUnknown(name.slice(STATE.length), wanted[name])
  }
}

function unprefixed(attributes: Attributes): Attributes {
  const states: Attributes = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith(STATE)) states[name.slice(STATE.length)] = value
  }
  return states
}

/** Deep equality of plain values in which absent, undefined and null are one. */
export function sameAttributes(a: unknown, b: unknown): boolean {
  if (a === b || (a == null && b == null)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  const [left, right] = [a as Attributes, b as Attributes]
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every((name) => sameAttributes(left[name], right[name]))
}
