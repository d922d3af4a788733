/**
 * The binding between the editor and the document: the only file with Lexical's experimental names.
 * The order in it is not free: an editor that is bound to a full document and does not show it yet
 * would empty it for everybody at its first keystroke.
 */
import { ListItemNode } from '@lexical/list'
import {
  createBindingV2__EXPERIMENTAL,
  initLocalState,
  type Provider,
  setLocalStateFocus,
  syncCursorPositions,
  syncLexicalUpdateToYjsV2__EXPERIMENTAL,
  syncYjsChangesToLexicalV2__EXPERIMENTAL,
  syncYjsStateToLexicalV2__EXPERIMENTAL,
} from '@lexical/yjs'
import {
  BLUR_COMMAND,
  COMMAND_PRIORITY_EDITOR,
  FOCUS_COMMAND,
  type LexicalEditor,
  REDO_COMMAND,
  SKIP_COLLAB_TAG,
  UNDO_COMMAND,
} from 'lexical'
import * as Y from 'yjs'
import type { EditorSession } from '#client/session/open-session.ts'
import { decisionMap } from '#shared/document/shape.ts'
import { registerFlagState } from './flags.ts'
import { installMinimalFormat } from './minimal-format.ts'

export interface Collaboration {
  readonly undoManager: Y.UndoManager
  /** True while somebody else's change is being shown. */
  readonly applying: boolean
  close(): void
}

/** Binds, shows what the document holds, and only then listens. The document has content by now. */
export function collaborate(
  editor: LexicalEditor,
  { doc, socketProvider, me, setUndoScope }: EditorSession,
  cursors: HTMLElement,
): Collaboration {
  installMinimalFormat()
  const provider = socketProvider as unknown as Provider
  const binding = createBindingV2__EXPERIMENTAL(editor, 'main', doc, new Map([['main', doc]]), {
    // Numbers of list items are counted where they are shown; synced ones would contradict.
    excludedProperties: new Map([[ListItemNode, new Set(['__value'])]]),
  })
  binding.cursorsContainer = cursors
  registerFlagState(editor)
  syncYjsStateToLexicalV2__EXPERIMENTAL(binding, provider)

  const undoManager = new Y.UndoManager([binding.root, decisionMap(doc)], {
    trackedOrigins: new Set([binding]),
  })
  setUndoScope((change) => {
    undoManager.stopCapturing()
    doc.transact(change, binding)
    undoManager.stopCapturing()
  })

  let applying = false
  const show = (events: Y.YEvent<Y.XmlElement>[], transaction: Y.Transaction) => {
    if (transaction.origin === binding) return
    applying = true
    const byUndo = transaction.origin instanceof Y.UndoManager
    syncYjsChangesToLexicalV2__EXPERIMENTAL(binding, provider, events as never, transaction, byUndo)
    queueMicrotask(() => {
      applying = false
    })
  }
  binding.root.observeDeep(show as never)

  const { awareness } = socketProvider
  const { id, name, color } = me.get()
  initLocalState(provider, name, color, false, {})
  awareness.setLocalStateField('user', { id, name, color })
  const showCursors = () => syncCursorPositions(binding, provider)
  awareness.on('update', showCursors)
  const focused = (focusing: boolean) => {
    const { name, color } = me.get()
    setLocalStateFocus(provider, name, color, focusing, {})
    return false
  }

  const ends = [
    editor.registerUpdateListener(
      ({ prevEditorState, editorState, dirtyElements, dirtyLeaves, normalizedNodes, tags }) => {
        if (tags.has(SKIP_COLLAB_TAG)) return
        syncLexicalUpdateToYjsV2__EXPERIMENTAL(
          binding,
          provider,
          prevEditorState,
          editorState,
          dirtyElements,
          dirtyLeaves,
          normalizedNodes,
          tags,
        )
      },
    ),
    editor.registerCommand(FOCUS_COMMAND, () => focused(true), COMMAND_PRIORITY_EDITOR),
    editor.registerCommand(BLUR_COMMAND, () => focused(false), COMMAND_PRIORITY_EDITOR),
    editor.registerCommand(
      UNDO_COMMAND,
      () => undoManager.undo() !== undefined,
      COMMAND_PRIORITY_EDITOR,
    ),
    editor.registerCommand(
      REDO_COMMAND,
      () => undoManager.redo() !== undefined,
      COMMAND_PRIORITY_EDITOR,
    ),
    me.subscribe(() => {
      const { id, name, color } = me.get()
      awareness.setLocalState({
        ...awareness.getLocalState(),
        name,
        color,
        user: { id, name, color },
      })
    }),
  ]
  const onResize = () => showCursors()
  addEventListener('resize', onResize)

  return {
    undoManager,
    get applying() {
      return applying
    },
    close: () => {
      for (const end of ends) end()
      removeEventListener('resize', onResize)
      awareness.off('update', showCursors)
      binding.root.unobserveDeep(show as never)
      undoManager.destroy()
    },
  }
}
