/**
 * bindDocument carries changes between an editor and its document, both ways. What comes in is shown and never
 * goes out again (law 2 of shared text): an update that is tagged as collaboration or history writes
 * nothing, whatever the editor tidied in it.
 */
import type { BindingV2, ProviderAwareness } from '@lexical/yjs'
import {
  $addUpdateTag,
  $createParagraphNode,
  $getRoot,
  $getSelection,
  $isRangeSelection,
  COLLABORATION_TAG,
  type EditorState,
  HISTORIC_TAG,
  mergeRegister,
  SKIP_COLLAB_TAG,
  SKIP_SCROLL_INTO_VIEW_TAG,
  type UpdateListener,
} from 'lexical'
import * as Y from 'yjs'
import { leaveMarkers } from '#shared/document/as-written.ts'
import { namedIn } from '#shared/document/moves/named-deletions.ts'
import { Moves } from '#shared/document/moves.ts'
import { CaretKeeper } from './caret/caret-keeper.ts'
import { PageSelection } from './caret/page-selection.ts'
import { $publishCaret } from './caret/publish-caret.ts'
import { isLiving } from './mapping.ts'
import { $show, $showDocument, type Shown } from './read/show.ts'
import { registerSeams } from './seam.ts'
import { changedKeys, writeChanges } from './write/write-changes.ts'
import type { Caret } from './write/write-text.ts'

export interface BindOptions {
  awareness: ProviderAwareness
  /** False for who may only read: nothing leaves this editor. */
  canWrite: () => boolean
  /** Runs what carries a change, so that an error in it is known to part editor and document. */
  guard: (carry: () => void) => void
  /** Others' changes, or those of undo, have been shown. */
  onShown: () => void
}

export interface BoundDocument {
  /**
   * While this is on, what is typed stays on this page: an input method is composing. It leaves
   * as one change when this is turned off.
   */
  hold(on: boolean): void
  close(): void
}

type Update = Parameters<UpdateListener>[0]

/** What was changed here and is not written yet. */
interface Unwritten {
  keys: Set<string>
  /** The state before the first of the changes. */
  before: EditorState
}

/** Shows the document in the editor, and keeps both the same from then on. */
export function bindDocument(binding: BindingV2, options: BindOptions): BoundDocument {
  const { editor, doc, root } = binding
  const { awareness, canWrite, guard, onShown } = options
  const moves = new Moves({ awaitsCopies: true })
  const pageSelection = new PageSelection(editor)
  const caret = new CaretKeeper(binding, moves, pageSelection)
  const stopSeams = registerSeams(binding, editor)
  let isHeld = false
  let unwritten: Unwritten | undefined

  const publish = (state: EditorState) => {
    if (canWrite()) state.read(() => $publishCaret(binding, awareness), { editor })
  }

  const note = (transaction: Y.Transaction) => {
    if (transaction.origin !== binding) guard(() => caret.note(transaction.beforeState))
  }

  const show = (events: Y.YEvent<Y.XmlElement | Y.XmlText>[], transaction: Y.Transaction) => {
    forgetDeleted(binding, transaction)
    if (transaction.origin === binding) return
    // What is held goes first, or it would be shown away.
    release()
    const isHistory = transaction.origin instanceof Y.UndoManager
    guard(() => {
      // Not within the update, which waits where one is under way: by then Yjs refuses to tell.
      const changed = changedElements(events)
      editor.update(
        () => {
          for (const [element, shown] of changed) {
            if (element === root || binding.mapping.has(element)) $show(binding, element, shown)
          }
          $ensureParagraph()
          caret.$restore()
          if (!isHistory) $addUpdateTag(SKIP_SCROLL_INTO_VIEW_TAG)
        },
        {
          discrete: true,
          skipTransforms: true,
          tag: isHistory ? HISTORIC_TAG : COLLABORATION_TAG,
        },
      )
    })
    onShown()
  }

  const showAnew = (elements: ReadonlySet<Y.XmlElement>) => {
    caret.note()
    editor.update(
      () => {
        for (const element of elements) {
          if (isLiving(element)) $show(binding, element, { attributes: new Set(), children: true })
        }
        caret.$restore()
      },
      { discrete: true, skipTransforms: true, tag: COLLABORATION_TAG },
    )
  }

  const write = ({ keys, before }: Unwritten) => {
    const state = editor.getEditorState()
    guard(() => {
      if (keys.size > 0) {
        const unlike = doc.transact(
          () =>
            state.read(() => writeChanges(binding, keys, { before, state }, $caret()), { editor }),
          binding,
        )
        if (unlike.size > 0) showAnew(unlike)
      }
      if (isEmptied(before, state)) editor.update($ensureParagraph)
      publish(state)
    })
  }

  const release = () => {
    const held = unwritten
    unwritten = undefined
    if (held) write(held)
  }

  const hear = (update: Update) => {
    pageSelection.hear()
    const { tags, editorState, prevEditorState } = update
    if (tags.has(COLLABORATION_TAG) || tags.has(HISTORIC_TAG))
      return guard(() => publish(editorState))
    if (tags.has(SKIP_COLLAB_TAG) || !canWrite()) return
    const changed: Unwritten = {
      keys: unwritten?.keys ?? new Set(),
      before: unwritten?.before ?? prevEditorState,
    }
    for (const key of changedKeys(update)) changed.keys.add(key)
    unwritten = changed
    if (isHeld) return
    unwritten = undefined
    write(changed)
  }

  guard(() =>
    editor.update(
      () => {
        $showDocument(binding)
        $ensureParagraph()
      },
      { discrete: true, skipTransforms: true, tag: COLLABORATION_TAG },
    ),
  )
  const noticeMoves = (transaction: Y.Transaction) =>
    void moves.notice(transaction, namedIn(transaction))
  doc.on('beforeTransaction', note)
  doc.on('beforeObserverCalls', noticeMoves)
  // For good: else each page would tidy after others' formatting and send that, a viewer's too.
  doc.on('afterTransaction', leaveMarkers)
  root.observeDeep(show as Parameters<typeof root.observeDeep>[0])
  const stop = mergeRegister(
    stopSeams,
    editor.registerUpdateListener(hear),
    () => doc.off('beforeTransaction', note),
    () => doc.off('beforeObserverCalls', noticeMoves),
    () => root.unobserveDeep(show as Parameters<typeof root.unobserveDeep>[0]),
  )

  return {
    hold: (on) => {
      isHeld = on
      if (!on) release()
    },
    close: stop,
  }
}

/** Each element of which attributes or children changed, once, whatever happened to its texts. */
function changedElements(
  events: readonly Y.YEvent<Y.XmlElement | Y.XmlText>[],
): Map<Y.XmlElement, Shown> {
  const changed = new Map<Y.XmlElement, Shown>()
  const merge = (element: Y.XmlElement, shown: Shown) => {
    const known = changed.get(element)
    changed.set(element, {
      attributes: new Set([...(known?.attributes ?? []), ...shown.attributes]),
      children: shown.children || (known?.children ?? false),
    })
  }
  for (const event of events) {
    const { target } = event
    if (target instanceof Y.XmlElement && isLiving(target)) {
      const attributes = new Set([...event.keys.keys()])
      const children = (event as unknown as { childListChanged: boolean }).childListChanged
      merge(target, { attributes, children })
    } else if (target.parent instanceof Y.XmlElement && isLiving(target.parent)) {
      merge(target.parent, { attributes: new Set(), children: true })
    }
  }
  return changed
}

/** What was deleted, here or by others, is bound to nothing any more. */
function forgetDeleted({ mapping }: BindingV2, transaction: Y.Transaction): void {
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentType)) return
    mapping.delete(struct.content.type as Y.XmlElement)
  })
}

/** There is always a line to stand in. One that others' changes left missing is this page's alone. */
function $ensureParagraph(): void {
  if ($getRoot().isEmpty()) $getRoot().append($createParagraphNode())
}

const isEmptied = (before: EditorState, now: EditorState): boolean =>
  childrenIn(now) === 0 && childrenIn(before) > 0

const childrenIn = (state: EditorState): number => state.read(() => $getRoot().getChildrenSize())

function $caret(): Caret | undefined {
  const selection = $getSelection()
  if (!$isRangeSelection(selection) || !selection.isCollapsed()) return undefined
  const { key, offset, type } = selection.anchor
  return type === 'text' ? { key, offset } : undefined
}
