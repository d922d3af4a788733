/**
 * `collaborate` joins the editor, the shared document, undo and the others' carets. The order below
 * is required, another one can lose text: the binding object, the flags known to all node types,
 * the document's first content, then its text into the editor, and only then observers.
 */
import { ListItemNode } from '@lexical/list'
import {
  type BindingV2,
  createBindingV2__EXPERIMENTAL,
  type Provider,
  syncCursorPositions,
} from '@lexical/yjs'
import type { LexicalEditor } from 'lexical'
import type * as Y from 'yjs'
import { bindDocument } from './binding/bind-document.ts'
import { allowEmptyNodes } from './binding/empty-nodes.ts'
import { OwnUndo } from './binding/undo.ts'
import { registerFlag } from './flag-state.ts'

export interface CollaborationDeps {
  editor: LexicalEditor
  doc: Y.Doc
  /** The user id of this page's person; undo knows late words less well without. */
  user?: string
  /** Presence as Lexical takes it; see presence.ts. */
  presence: Provider
  /** Where carets are drawn. Undefined without a screen. */
  carets?: HTMLElement
  /** False for who may only read: whatever the editor tidies up must not be sent. */
  canWrite: () => boolean
  /** A change could not be carried from one side to the other: nothing may follow it. */
  onBroken: (error: unknown) => void
  /** Carets have been drawn anew. */
  onCarets?: () => void
  /** Undo came to a decision on these chunks that somebody else had made first. */
  onLostDecision?: (chunks: readonly string[]) => void
}

export interface Collaboration {
  readonly binding: BindingV2
  readonly undo: OwnUndo
  /** Runs a change of the document that Ctrl+Z takes back as one step of its own. */
  step(change: () => void): void
  drawCarets(): void
  /** What is composed stays here; at its end it goes out as one change and one step of undo. */
  composing(composing: boolean): void
  close(): void
}

/** Editors into which others' changes, or out of which own ones, are being carried right now. */
const carrying = new WeakSet<LexicalEditor>()

/** Tells an error that parts this editor from the document from one that Lexical just undoes. */
export const isCarrying = (editor: LexicalEditor): boolean => carrying.has(editor)

/** Shows what the document holds; an empty one, of which others deleted all, as an empty line. */
export function collaborate(deps: CollaborationDeps): Collaboration {
  const { editor, doc, presence, canWrite, onBroken } = deps
  allowEmptyNodes()
  const binding = createBindingV2__EXPERIMENTAL(editor, 'main', doc, new Map([['main', doc]]), {
    // Numbers are counted by the page; kept in the document, two inserts would give one twice.
    excludedProperties: new Map([[ListItemNode, new Set(['__value'])]]),
  })
  binding.cursorsContainer = deps.carets ?? null
  registerFlag(editor)

  const { user, onLostDecision } = deps
  const undo = new OwnUndo(doc, { user, origins: [binding], onLostDecision })
  let broken = false
  const guarded = (act: () => void) => {
    if (broken) return
    const nested = carrying.has(editor)
    carrying.add(editor)
    try {
      act()
    } catch (error) {
      broken = true
      onBroken(error)
    } finally {
      if (!nested) carrying.delete(editor)
    }
  }

  const drawCarets = () => {
    if (!deps.carets) return
    syncCursorPositions(binding, presence)
    deps.onCarets?.()
  }

  const bound = bindDocument(binding, {
    awareness: presence.awareness,
    canWrite,
    guard: guarded,
    onShown: drawCarets,
  })
  presence.awareness.on('update', drawCarets)
  drawCarets()

  return {
    binding,
    undo,
    step: (change) => {
      undo.stopCapturing()
      doc.transact(change, binding)
      undo.stopCapturing()
    },
    drawCarets,
    composing: (composing) => {
      if (!composing) undo.stopCapturing()
      bound.hold(composing)
      if (!composing) undo.stopCapturing()
    },
    close: () => {
      presence.awareness.off('update', drawCarets)
      bound.close()
      undo.destroy()
      binding.cursors.clear()
    },
  }
}
