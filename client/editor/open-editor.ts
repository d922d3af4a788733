/** Puts the editor together on an element of the page, in the order that collaboration.ts needs. */
import {
  $getNodeByKey,
  $getRoot,
  $isElementNode,
  BLUR_COMMAND,
  COMMAND_PRIORITY_EDITOR,
  COMMAND_PRIORITY_LOW,
  createEditor,
  FOCUS_COMMAND,
  FORMAT_TEXT_COMMAND,
  type LexicalEditor,
  mergeRegister,
  REDO_COMMAND,
  UNDO_COMMAND,
} from 'lexical'
import * as Y from 'yjs'
import { canWriteNow } from '#client/session/connection.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { editorSession } from '#client/session/open-session.ts'
import { createStore } from '#client/session/store.ts'
import { suggestionMap, suggestionOf } from '#shared/document/shape.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { $insertDivider, $setBlockType } from './blocks.ts'
import { CaretLayer } from './carets/caret-layer.ts'
import { Following } from './carets/following.ts'
import { motion, watchChunks } from './chunk-marks.ts'
import { type Collaboration, collaborate, isCarrying } from './collaboration.ts'
import { holdWhileComposing } from './composition.ts'
import type { EditorHandle } from './handle.ts'
import { keepSelection } from './kept-selection.ts'
import { registerKeyboard } from './keyboard.ts'
import { registerLargePaste } from './large-paste.ts'
import { $collapseToEnd, setLink } from './links.ts'
import { NODES, THEME } from './nodes.ts'
import { watchOverview } from './overview.ts'
import { Frames } from './page/frames.ts'
import { hideFromReact } from './page/hide-from-react.ts'
import { TABLE_IMPORT } from './paste-tables.ts'
import { announce, providerOf } from './presence.ts'
import { registerRules } from './rules.ts'
import { guardSelection } from './selection-guard.ts'
import { watchSelection } from './selection-state.ts'
import { watchSlash } from './slash.ts'
import { staleIn } from './stale-marks.ts'
import { watchTargets } from './target-tops.ts'
import { $target } from './targets.ts'

export interface EditorElements {
  /** What is edited. */
  root: HTMLElement
  /** What carets and cards are placed against; positioned. */
  surface: HTMLElement
  /** Inside the surface, itself not positioned. */
  carets: HTMLElement
}

export interface OpenEditor {
  readonly handle: EditorHandle
  close(): void
}

/** openSession resolves once there is content, from here or from the server. */
export function openEditor(session: DocumentSession, elements: EditorElements): OpenEditor {
  const { root, surface, carets } = elements
  const own = editorSession(session)
  const { doc, gate, socketProvider } = own
  const { awareness } = socketProvider
  const mayWrite = () => session.role.get() !== 'viewer' && canWriteNow(session.connection.get())

  const editor = createEditor({
    namespace: 'gloss',
    nodes: [...NODES],
    theme: THEME,
    html: { import: TABLE_IMPORT },
    editable: false,
    onError: (error) => {
      // Others' change that cannot be shown parts this editor from the document: nothing may follow.
      if (isCarrying(editor)) gate.break(error)
      else throw error
    },
  })
  announce(awareness, session.me.get())
  const presence = providerOf(awareness)
  const frames = new Frames()
  const refusals = createStore<{ why: string } | null>(null)
  hideFromReact(root)
  editor.setRootElement(root)
  const rules = registerRules(editor)
  const text = collaborate({
    editor,
    doc,
    user: session.me.get().id,
    presence,
    canWrite: () => !gate.broken && session.role.get() !== 'viewer',
    onBroken: (error) => gate.break(error),
    onLostDecision: (chunks) => own.tellLostDecision(chunks),
  })
  own.setUndoScope(text.step)

  const { binding } = text
  const onDrawn = (here: ReadonlySet<number>) => following.drawn(here)
  const caretLayer: CaretLayer = new CaretLayer({
    binding,
    awareness,
    presence,
    frames,
    root,
    layer: carets,
    onDrawn,
  })
  const following = new Following(
    (client) => caretLayer.of(client),
    (client) => {
      caretLayer.showName(client)
      caretLayer.of(client)?.scrollIntoView({ block: 'center', behavior: motion() })
    },
  )
  const targets = watchTargets(binding, { root, surface, frames })
  const overview = watchOverview(editor)
  const selection = watchSelection(editor, text.undo, frames)
  const slash = watchSlash(editor)
  const describe = (chunk: string) => {
    const asked = suggestionMap(doc).get(suggestionOf(chunk))?.authorName
    return asked ? `suggestion by co-pilot, asked by ${asked}` : 'suggestion by co-pilot'
  }
  const chunks = watchChunks({ editor, root, surface, frames, describe, stale: staleIn(doc) })
  const setEditable = () => {
    // Setting what is set already makes the browser style the whole text anew.
    if (root.getAttribute('contenteditable') === String(mayWrite())) return
    editor.setEditable(mayWrite())
    root.setAttribute('contenteditable', String(mayWrite()))
    root.setAttribute('aria-readonly', String(!mayWrite()))
  }
  const stop = mergeRegister(
    rules,
    registerLargePaste(editor, {
      left: () => LIMITS.documentBytes - Y.encodeStateAsUpdate(doc).length,
      refuse: (why) => refusals.set({ why }),
    }),
    guardSelection(editor),
    keepSelection(editor),
    registerKeyboard(editor),
    holdWhileComposing({ root, outgoing: text, incoming: gate }),
    registerUndo(editor, text),
    registerFocus(editor, (focusing) => awareness.setLocalStateField('focusing', focusing)),
    session.role.subscribe(setEditable),
    session.connection.subscribe(setEditable),
    session.me.subscribe(() => rename(awareness, session)),
  )
  setEditable()

  const handle: EditorHandle = {
    toolbar: selection.toolbar,
    selection: selection.selection,
    slash: slash.state,
    outline: overview.outline,
    chunks: chunks.boxes,
    activeChunk: chunks.active,
    words: overview.words,
    empty: overview.empty,
    focus: () => focusText(editor),
    focusBehind: () => {
      editor.update($collapseToEnd)
      focusText(editor)
    },
    format: (format) => void editor.dispatchCommand(FORMAT_TEXT_COMMAND, format),
    setBlock: (type) => editor.update(() => $setBlockType(type)),
    insertDivider: () => editor.update(() => $insertDivider()),
    setLink: (url) => {
      // A step of its own, however soon the person types on.
      text.undo.stopCapturing()
      const isSet = setLink(editor, url)
      editor.update(() => undefined, { discrete: true })
      text.undo.stopCapturing()
      return isSet
    },
    undo: () => void editor.dispatchCommand(UNDO_COMMAND, undefined),
    redo: () => void editor.dispatchCommand(REDO_COMMAND, undefined),
    closeSlash: slash.finish,
    target: () => editor.getEditorState().read(() => $target(binding), { editor }),
    showChunk: chunks.show,
    revealChunk: chunks.reveal,
    reveal: (key) => revealNode(editor, key),
    refusals,
    watchTargets: targets.watch,
    targetTops: targets.tops,
    follow: (client) => (client === null ? following.stop() : following.follow(client)),
    following: following.who,
  }
  return {
    handle,
    close: () => {
      stop()
      for (const part of [slash, selection, overview, targets, chunks]) part.close()
      text.close()
      caretLayer.close()
      following.stop()
      frames.close()
      editor.setRootElement(null)
    },
  }
}

function registerUndo(editor: LexicalEditor, text: Collaboration): () => void {
  const act = (change: () => void) => () => {
    if (!editor.isEditable()) return true
    // Behind the update that a command runs in, so that what undo changes is shown at once.
    queueMicrotask(() => {
      const composing = editor.isComposing()
      if (composing) text.composing(false)
      change()
      if (composing) text.composing(true)
    })
    return true
  }
  return mergeRegister(
    editor.registerCommand(
      UNDO_COMMAND,
      act(() => text.undo.undo()),
      COMMAND_PRIORITY_EDITOR,
    ),
    editor.registerCommand(
      REDO_COMMAND,
      act(() => text.undo.redo()),
      COMMAND_PRIORITY_EDITOR,
    ),
  )
}

function registerFocus(editor: LexicalEditor, tell: (focusing: boolean) => void): () => void {
  const say = (focusing: boolean) => () => {
    tell(focusing)
    return false
  }
  return mergeRegister(
    editor.registerCommand(FOCUS_COMMAND, say(true), COMMAND_PRIORITY_LOW),
    editor.registerCommand(BLUR_COMMAND, say(false), COMMAND_PRIORITY_LOW),
  )
}

/** Lexical's own puts the caret there alone: the focus stays in a field, and goes with it. */
function focusText(editor: LexicalEditor): void {
  editor.getRootElement()?.focus({ preventScroll: true })
  editor.focus(undefined, { defaultSelection: 'rootEnd' })
}

interface Awareness {
  getStates(): Map<number, Record<string, unknown>>
  setLocalStateField(field: string, value: unknown): void
}

function rename(awareness: Awareness, session: DocumentSession): void {
  const { id, name, color } = session.me.get()
  awareness.setLocalStateField('user', { id, name, color })
  awareness.setLocalStateField('name', name)
  awareness.setLocalStateField('color', color)
}

function revealNode(editor: LexicalEditor, key: string): void {
  editor.getElementByKey(key)?.scrollIntoView({ block: 'start', behavior: motion() })
  editor.update(() => {
    const node = $getNodeByKey(key) ?? $getRoot()
    if ($isElementNode(node)) node.selectStart()
  })
}
