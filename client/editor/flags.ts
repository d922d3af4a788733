/**
 * Flags of provisional text in the editor: the NodeState that the binding keeps in the document,
 * and how it is painted. Painting toggles classes on what Lexical renders; no node class of ours.
 */
import {
  $getNodeByKey,
  $getState,
  $setState,
  createState,
  type Klass,
  type LexicalEditor,
  type LexicalNode,
  ParagraphNode,
  SKIP_COLLAB_TAG,
  TextNode,
} from 'lexical'
import { parseFlag, suggestionOf } from '#shared/document/shape.ts'
import { BLOCK_NODES } from './create-editor.ts'

export const flagState = createState('sg', {
  parse: (value) => (typeof value === 'string' ? value : null),
})

export const $flagOf = (node: LexicalNode) => parseFlag($getState(node, flagState))

/**
 * Makes the state known for every node type; otherwise taking a flag away from afar would leave a
 * trace in this editor that a fresh one does not have. Before the first content.
 */
export function registerFlagState(editor: LexicalEditor): void {
  editor.update(
    () => {
      for (const { klass } of editor._nodes.values()) {
        if (klass.getType() === 'root' || klass.getType() === 'artificial') continue
        const Known = klass as unknown as new () => LexicalNode
        $setState(new Known(), flagState, null)
      }
    },
    { discrete: true, tag: SKIP_COLLAB_TAG },
  )
}

/** `describe` says whose suggestion it is, for those who listen instead of look. */
export function paintFlags(
  editor: LexicalEditor,
  describe: (suggestion: string) => string,
  onPaint: () => void,
): () => void {
  const ends = [TextNode, ParagraphNode, ...BLOCK_NODES].map((klass) =>
    editor.registerMutationListener(
      klass as Klass<LexicalNode>,
      (mutations) => {
        editor.read(() => {
          for (const [key, mutation] of mutations) {
            if (mutation === 'destroyed') continue
            const node = $getNodeByKey(key)
            const element = editor.getElementByKey(key)
            if (node && element) paint(node, element, describe)
          }
        })
        onPaint()
      },
      { skipInitialization: false },
    ),
  )
  return () => {
    for (const end of ends) end()
  }
}

const CLASSES = ['prov-ins', 'prov-del', 'prov-block-ins', 'prov-block-del']

function paint(node: LexicalNode, element: HTMLElement, describe: (id: string) => string): void {
  const flag = $flagOf(node)
  const isText = node instanceof TextNode
  const wanted = flag && `${isText ? 'prov' : 'prov-block'}-${flag.op}`
  for (const name of CLASSES) element.classList.toggle(name, name === wanted)
  if (!flag) {
    if (element.dataset.chunk === undefined) return
    delete element.dataset.chunk
    element.removeAttribute('role')
    element.removeAttribute('aria-description')
    return
  }
  element.dataset.chunk = flag.chunk
  if (!isText) return
  element.setAttribute('role', flag.op === 'ins' ? 'insertion' : 'deletion')
  element.setAttribute('aria-description', describe(suggestionOf(flag.chunk)))
}
