/**
 * People with real editors, for tests: each has a Y.Doc of its own, bound to a headless Lexical
 * editor as the page binds it (V2, minimal format, undo over body and decisions). What they write
 * goes to `send`; what others wrote comes in by `receive`. How it travels is the test's business.
 */

import { CodeNode } from '@lexical/code'
import { createHeadlessEditor } from '@lexical/headless'
import { LinkNode } from '@lexical/link'
import { ListItemNode, ListNode } from '@lexical/list'
import { HeadingNode, QuoteNode } from '@lexical/rich-text'
import {
  createBindingV2__EXPERIMENTAL as createBinding,
  syncYjsChangesToLexicalV2__EXPERIMENTAL as showChanges,
  syncYjsStateToLexicalV2__EXPERIMENTAL as showDocument,
  syncLexicalUpdateToYjsV2__EXPERIMENTAL as writeToDocument,
} from '@lexical/yjs'
import * as L from 'lexical'
import * as Y from 'yjs'
import { allowEmptyNodes } from '#client/editor/binding/empty-nodes.ts'
import { OwnUndo } from '#client/editor/binding/undo.ts'
import { installMinimalFormat } from '#client/editor/minimal-format.ts'
import { type DecisionEntry, decisionKey, decisionMap } from '#shared/document/shape.ts'

const NODES = [HeadingNode, QuoteNode, ListNode, ListItemNode, LinkNode, CodeNode]
const REMOTE = 'remote'

/** The state behind `s_sg`. Null where there is none, so that a removal leaves nothing behind. */
const flagState = L.createState('sg', {
  parse: (value) => (typeof value === 'string' ? value : null),
})
export const $flag = (node: L.LexicalNode): string | null => L.$getState(node, flagState)

/** Headless editors have no carets: V2 would look for other people's in the DOM. */
const PROVIDER = {
  awareness: {
    getLocalState: () => null,
    setLocalState: () => undefined,
    setLocalStateField: () => undefined,
    getStates: () => new Map(),
    on: () => undefined,
    off: () => undefined,
  },
  connect: () => undefined,
  disconnect: () => undefined,
  on: () => undefined,
  off: () => undefined,
} as unknown as Parameters<typeof showDocument>[1]

export interface PersonOptions {
  client?: number
  /** What the document holds before the editor is bound to it. */
  content?: Uint8Array
  send?: (update: Uint8Array) => void
}

export class Person {
  readonly name: string
  readonly doc = new Y.Doc()
  readonly editor: L.LexicalEditor
  readonly undoManager: Y.UndoManager
  readonly errors: unknown[] = []
  /**
   * Updates that the binding wrote only because something came in. There should be none. (Yjs itself
   * tidies needless markers after remote changes, with a null origin; that is not counted.)
   */
  echoes = 0
  /** All that this person wrote. */
  updates = 0
  #receiving = false

  constructor(name: string, { client, content, send }: PersonOptions = {}) {
    installMinimalFormat()
    allowEmptyNodes()
    this.name = name
    if (client !== undefined) this.doc.clientID = client
    if (content) Y.applyUpdate(this.doc, content, REMOTE)
    this.editor = createHeadlessEditor({
      namespace: name,
      nodes: NODES,
      onError: (error) => this.errors.push(error),
    })
    const binding = createBinding(this.editor, 'main', this.doc, new Map([['main', this.doc]]))
    this.#registerFlag()
    showDocument(binding, PROVIDER)
    this.flush()
    binding.root.observeDeep((events, transaction) => {
      if (transaction.origin === binding) return
      const isUndo = transaction.origin instanceof Y.UndoManager
      showChanges(binding, PROVIDER, events as never, transaction, isUndo)
    })
    this.editor.registerUpdateListener((update) => {
      if (update.tags.has(L.SKIP_COLLAB_TAG)) return
      const { prevEditorState, editorState, dirtyElements, dirtyLeaves, normalizedNodes } = update
      writeToDocument(
        binding,
        PROVIDER,
        prevEditorState,
        editorState,
        dirtyElements,
        dirtyLeaves,
        normalizedNodes,
        update.tags,
      )
    })
    this.undoManager = new OwnUndo(this.doc, { origins: [binding, DECIDE], captureTimeout: 0 })
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === REMOTE) return
      this.updates++
      if (this.#receiving && origin !== null) this.echoes++
      send?.(update)
    })
  }

  receive(update: Uint8Array): void {
    this.#receiving = true
    try {
      Y.applyUpdate(this.doc, update, REMOTE)
      this.flush()
    } finally {
      this.#receiving = false
    }
  }

  edit(change: () => void): void {
    this.editor.update(change, { discrete: true })
  }

  flush(): void {
    this.editor.update(() => undefined, { discrete: true })
  }

  undo(): void {
    this.undoManager.undo()
    this.flush()
  }

  redo(): void {
    this.undoManager.redo()
    this.flush()
  }

  decide(chunk: string, decision: DecisionEntry['decision']): void {
    this.undoManager.stopCapturing()
    this.doc.transact(() => {
      decisionMap(this.doc).set(decisionKey(chunk, this.name), { decision, at: 0 })
    }, DECIDE)
    this.undoManager.stopCapturing()
  }

  get text(): string {
    return this.editor.read(() => L.$getRoot().getTextContent())
  }

  /** The document in one readable line: `[paragraph "abc" {ins:s.1}"def"]`. */
  get view(): string {
    return this.editor.read(() => L.$getRoot().getChildren().map($show).join(' '))
  }

  /** The view of an editor that is opened on the same document just now. */
  get freshView(): string {
    return new Person('fresh', { content: Y.encodeStateAsUpdate(this.doc) }).view
  }

  close(): void {
    this.undoManager.destroy()
    this.doc.destroy()
  }

  /** Without this a removed flag would stay behind as an unknown state of undefined. */
  #registerFlag(): void {
    this.editor.update(
      () => {
        for (const { klass } of this.editor._nodes.values()) {
          if (klass.getType() !== 'root') L.$setState(new klass(), flagState, null)
        }
      },
      { discrete: true, tag: L.SKIP_COLLAB_TAG },
    )
  }
}

const DECIDE = { kind: 'decide' }

function $show(node: L.LexicalNode): string {
  const flag = $flag(node) === null ? '' : `{${$flag(node)}}`
  if (L.$isTextNode(node)) {
    const format = node.getFormat() ? `/${node.getFormat()} ` : ''
    return `${flag}${format}${JSON.stringify(node.getTextContent())}`
  }
  if (!L.$isElementNode(node)) return `${flag}<${node.getType()}>`
  const children = node.getChildren().map((child) => ` ${$show(child)}`)
  return `${flag}[${node.getType()}${children.join('')}]`
}
