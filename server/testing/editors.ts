/**
 * Person is somebody with a real editor, for tests: a Y.Doc of its own and a headless Lexical editor,
 * joined by the very code of the page. What they write goes to `send`; what others wrote comes in by
 * `receive`. How it travels is the test's business.
 */

import { CodeNode } from '@lexical/code'
import { createHeadlessEditor } from '@lexical/headless'
import { LinkNode } from '@lexical/link'
import { ListItemNode, ListNode } from '@lexical/list'
import { HeadingNode, QuoteNode } from '@lexical/rich-text'
import type { Provider } from '@lexical/yjs'
import * as L from 'lexical'
import * as Y from 'yjs'
import type { OwnUndo } from '#client/editor/binding/undo.ts'
import { type Collaboration, collaborate, isCarrying } from '#client/editor/collaboration.ts'
import { $flagOf } from '#client/editor/flag-state.ts'
import { type DecisionEntry, decisionKey, decisionMap, formatFlag } from '#shared/document/shape.ts'

const NODES = [HeadingNode, QuoteNode, ListNode, ListItemNode, LinkNode, CodeNode]
const REMOTE = 'remote'

export const $flag = (node: L.LexicalNode): string | null => {
  const flag = $flagOf(node)
  return flag ? formatFlag(flag) : null
}

/** Nobody sees a headless editor's caret, and it sees nobody's. */
const PRESENCE = {
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
} as Provider

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
  readonly undoManager: OwnUndo
  readonly errors: unknown[] = []
  /** Those of them that part the editor from the document; others an editor just undoes. */
  readonly broken: unknown[] = []
  /** Updates that were written only because something came in. There should be none. */
  echoes = 0
  /** All that this person wrote. */
  updates = 0
  readonly #text: Collaboration
  #receiving = false

  constructor(name: string, { client, content, send }: PersonOptions = {}) {
    this.name = name
    if (client !== undefined) this.doc.clientID = client
    if (content) Y.applyUpdate(this.doc, content, REMOTE)
    this.editor = createHeadlessEditor({
      namespace: name,
      nodes: NODES,
      onError: (error) => this.#note(error, isCarrying(this.editor)),
    })
    this.#text = collaborate({
      editor: this.editor,
      doc: this.doc,
      presence: PRESENCE,
      canWrite: () => true,
      onBroken: (error) => this.#note(error, true),
    })
    this.undoManager = this.#text.undo
    // Each edit is a step by itself, however quickly a test makes them.
    this.undoManager.captureTimeout = 0
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === REMOTE) return
      this.updates++
      if (this.#receiving) this.echoes++
      send?.(update)
    })
  }

  #note(error: unknown, isBroken: boolean): void {
    this.errors.push(error)
    if (isBroken) this.broken.push(error)
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
    const key = decisionKey(chunk, this.name)
    this.#text.step(() => decisionMap(this.doc).set(key, { decision, at: 0 }))
  }

  /** The text nodes in their order; within an edit. */
  texts(): L.TextNode[] {
    return L.$getRoot().getAllTextNodes()
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
    this.#text.close()
    this.doc.destroy()
  }
}

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
