/**
 * The flag of provisional text as Lexical sees it: one NodeState, `sg`, which the V2 binding keeps
 * in Yjs as the attribute `s_sg`. Only the server writes flags; the editor carries and shows them.
 */
import {
  $getNodeByKey,
  $getState,
  $setState,
  createState,
  type LexicalEditor,
  type LexicalNode,
  type NodeKey,
  SKIP_COLLAB_TAG,
} from 'lexical'
import { type Flag, parseFlag } from '#shared/document/shape.ts'

const flagState = createState('sg', {
  parse: (value) => (typeof value === 'string' ? value : null),
})

export const $flagOf = (node: LexicalNode): Flag | undefined =>
  parseFlag($getState(node, flagState))

/** The flag that covers a node: its own, or that of the block it stands in. */
export function $flagAround(key: NodeKey): Flag | undefined {
  for (let node = $getNodeByKey(key); node; node = node.getParent()) {
    const flag = $flagOf(node)
    if (flag) return flag
  }
  return undefined
}

/** For tests: what the server does to a text. */
export const $setFlag = (node: LexicalNode, value: string | null): void => {
  $setState(node, flagState, value)
}

/**
 * Makes the state known to every node type. A type that has never met it would keep a flag that
 * was taken away elsewhere as an unknown value, and this editor would differ from a fresh one.
 */
export function registerFlag(editor: LexicalEditor): void {
  editor.update(
    () => {
      for (const { klass } of editor._nodes.values()) {
        if (klass.getType() !== 'root') $setState(new klass(), flagState, null)
      }
    },
    { discrete: true, tag: SKIP_COLLAB_TAG },
  )
}
