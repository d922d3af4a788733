/** Links: set only to addresses that may be followed, and followed only when asked to. */
import { $isLinkNode, $toggleLink, LinkNode, TOGGLE_LINK_COMMAND } from '@lexical/link'
import { $getNearestNodeOfType } from '@lexical/utils'
import {
  $copyNode,
  $getNearestNodeFromDOMNode,
  $getSelection,
  $isRangeSelection,
  CLICK_COMMAND,
  COMMAND_PRIORITY_LOW,
  type LexicalEditor,
  mergeRegister,
  PASTE_COMMAND,
  type RangeSelection,
} from 'lexical'
import { safeUrl } from '#shared/document/links.ts'

const REL = 'noopener noreferrer'

/** An address as people type it: `example.com` is meant as `https://example.com`. */
export function readUrl(typed: string): string | undefined {
  const text = typed.trim()
  if (text === '' || /\s/.test(text)) return undefined
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^:/]+:\d/.test(text)) return safeUrl(text)
  if (/^[^@/]+@[^@/]+\.[^@/]+$/.test(text)) return safeUrl(`mailto:${text}`)
  return text.includes('.') ? safeUrl(`https://${text}`) : undefined
}

export function $linkOf(selection: RangeSelection): string | null {
  const link = $getNearestNodeOfType(selection.anchor.getNode(), LinkNode)
  return link ? link.getURL() : null
}

/** Null takes links away. False, and nothing is done, where the address may not be one. */
export function setLink(editor: LexicalEditor, typed: string | null): boolean {
  const url = typed === null ? null : readUrl(typed)
  if (url === undefined) return false
  editor.update(() => {
    const selection = $getSelection()
    const isRange = $isRangeSelection(selection) && !selection.isCollapsed()
    if (url === null && isRange) $unlinkWords(selection)
    else $toggleLink(url, { rel: REL, target: null })
  })
  return true
}

/** Puts the caret at the end of what is selected. */
export function $collapseToEnd(): void {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return
  const end = selection.isBackward() ? selection.anchor : selection.focus
  const { key, offset, type } = end
  selection.anchor.set(key, offset, type)
  selection.focus.set(key, offset, type)
}

/** Takes the selected words out of links. Lexical's own throws where a link is touched at its edge. */
function $unlinkWords(selection: RangeSelection): void {
  for (const node of selection.extract()) {
    const link = node.getParent()
    if (!$isLinkNode(link) || node.getTextContentSize() === 0) continue
    const behind = node.getNextSiblings()
    link.insertAfter(node)
    if (behind.length > 0) node.insertAfter($copyNode(link).append(...behind))
    if (link.isEmpty()) link.remove()
  }
}

export function registerLinks(editor: LexicalEditor): () => void {
  return mergeRegister(
    editor.registerCommand(
      TOGGLE_LINK_COMMAND,
      (payload) => {
        const url = payload === null ? null : typeof payload === 'string' ? payload : payload.url
        setLink(editor, url)
        return true
      },
      COMMAND_PRIORITY_LOW,
    ),
    editor.registerCommand(
      CLICK_COMMAND,
      (event) => {
        const { target } = event
        const anchor = target instanceof Element ? target.closest('a') : null
        if (!anchor) return false
        // In a text that can be edited a click places the caret; the browser must not follow it.
        event.preventDefault()
        const node = $getNearestNodeFromDOMNode(anchor)
        const url = $isLinkNode(node) ? safeUrl(node.getURL()) : undefined
        const asked = event.ctrlKey || event.metaKey || !editor.isEditable()
        if (url && asked) window.open(url, '_blank', 'noopener,noreferrer')
        return asked
      },
      COMMAND_PRIORITY_LOW,
    ),
    editor.registerCommand(PASTE_COMMAND, $pasteAsLink, COMMAND_PRIORITY_LOW),
  )
}

/** An address pasted over selected words links them. */
function $pasteAsLink(event: unknown): boolean {
  const selection = $getSelection()
  if (!(event instanceof ClipboardEvent) || !$isRangeSelection(selection)) return false
  if (selection.isCollapsed()) return false
  const text = event.clipboardData?.getData('text/plain').trim() ?? ''
  const url = /^[a-z]+:/i.test(text) && !/\s/.test(text) ? safeUrl(text) : undefined
  if (!url) return false
  event.preventDefault()
  $toggleLink(url, { rel: REL, target: null })
  return true
}
