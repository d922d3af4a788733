/**
 * Binds the editor to the shared document. The only file that imports Lexical's experimental names,
 * and the one that keeps the order on which nobody's text depends but everybody's does: binding,
 * flags known to all nodes, first content, state into the editor, and only then observers.
 */
import { ListItemNode } from '@lexical/list'
import {
  type BindingV2,
  createBindingV2__EXPERIMENTAL,
  type Provider,
  syncCursorPositions,
  syncLexicalUpdateToYjsV2__EXPERIMENTAL,
  syncYjsChangesToLexicalV2__EXPERIMENTAL,
  syncYjsStateToLexicalV2__EXPERIMENTAL,
} from '@lexical/yjs'
import { type LexicalEditor, SKIP_COLLAB_TAG } from 'lexical'
import * as Y from 'yjs'
import { allowEmptyNodes } from './binding/empty-nodes.ts'
import { OwnUndo } from './binding/undo.ts'
import { registerFlag } from './flag-state.ts'
import { installMinimalFormat } from './minimal-format.ts'

export interface CollaborationDeps {
  editor: LexicalEditor
  doc: Y.Doc
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
}

export interface Collaboration {
  readonly binding: BindingV2
  readonly undo: OwnUndo
  /** Runs a change of the document that Ctrl+Z takes back as one step of its own. */
  step(change: () => void): void
  drawCarets(): void
  close(): void
}

/** Editors into which others' changes, or out of which own ones, are being carried right now. */
const carrying = new WeakSet<LexicalEditor>()

/** Tells an error that parts this editor from the document from one that Lexical just undoes. */
export const isCarrying = (editor: LexicalEditor): boolean => carrying.has(editor)

/** To be called when the document has its first content; throws where there is none. */
export function collaborate(deps: CollaborationDeps): Collaboration {
  const { editor, doc, presence, canWrite, onBroken } = deps
  installMinimalFormat()
  allowEmptyNodes()
  const binding = createBindingV2__EXPERIMENTAL(editor, 'main', doc, new Map([['main', doc]]), {
    // Numbers are counted by the page; kept in the document, two inserts would give one twice.
    excludedProperties: new Map([[ListItemNode, new Set(['__value'])]]),
  })
  // With an empty body the first keystroke here would make everybody's document empty.
  if (binding.root.length === 0) throw new Error('the document has not arrived')
  binding.cursorsContainer = deps.carets ?? null
  registerFlag(editor)

  const undo = new OwnUndo(doc, { origins: [binding] })
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

  guarded(() => syncYjsStateToLexicalV2__EXPERIMENTAL(binding, presence))

  const observe = (events: Y.YEvent<Y.XmlElement | Y.XmlText>[], transaction: Y.Transaction) => {
    if (transaction.origin === binding) return
    const fromUndo = transaction.origin instanceof Y.UndoManager
    guarded(() => {
      syncYjsChangesToLexicalV2__EXPERIMENTAL(binding, presence, events, transaction, fromUndo)
    })
    deps.onCarets?.()
  }
  binding.root.observeDeep(observe as Parameters<typeof binding.root.observeDeep>[0])
  const stopListening = editor.registerUpdateListener((update) => {
    const { prevEditorState, editorState, dirtyElements, dirtyLeaves, normalizedNodes } = update
    if (update.tags.has(SKIP_COLLAB_TAG) || !canWrite()) return
    guarded(() => {
      syncLexicalUpdateToYjsV2__EXPERIMENTAL(
        binding,
        presence,
        prevEditorState,
        editorState,
        dirtyElements,
        dirtyLeaves,
        normalizedNodes,
        update.tags,
      )
    })
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
    close: () => {
      presence.awareness.off('update', drawCarets)
      stopListening()
      binding.root.unobserveDeep(observe as Parameters<typeof binding.root.unobserveDeep>[0])
      undo.destroy()
      binding.cursors.clear()
    },
  }
}
