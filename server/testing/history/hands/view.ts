/** A view is what an editor shows, as text that two editors can be compared by. */
import { $isCodeNode } from '@lexical/code'
import { $isLinkNode } from '@lexical/link'
import { $isListItemNode, $isListNode } from '@lexical/list'
import { $isHeadingNode } from '@lexical/rich-text'
import {
  $getRoot,
  $isElementNode,
  $isTextNode,
  type LexicalEditor,
  type LexicalNode,
} from 'lexical'
import { $flagOf } from '#client/editor/flag-state.ts'

/** One line a block of the document. */
export const viewOf = (editor: LexicalEditor): string =>
  editor.getEditorState().read(() => $getRoot().getChildren().map($show).join('\n'))

function $show(node: LexicalNode): string {
  const flag = $flagOf(node)
  const shown = flag ? `{${flag.op}:${flag.chunk}}` : ''
  if ($isTextNode(node)) {
    const format = node.getFormat() ? `/${node.getFormat()} ` : ''
    return `${shown}${format}${JSON.stringify(node.getTextContent())}`
  }
  if (!$isElementNode(node)) return `${shown}<${node.getType()}>`
  const indent = node.getIndent() > 0 && !$isListItemNode(node) ? `+${node.getIndent()}` : ''
  return `${shown}[${$kindOf(node)}${indent}${$joined(node.getChildren())}]`
}

/** Texts that look alike are one: where they are cut is not seen. */
function $joined(children: readonly LexicalNode[]): string {
  return children
    .map($show)
    .reduce<string[]>((all, next) => {
      const last = all.at(-1)
      const match = last === undefined ? null : /^(.*?)"(.*)"$/s.exec(last)
      const nextMatch = /^(.*?)"(.*)"$/s.exec(next)
      if (
        !next.startsWith('[') &&
        match &&
        nextMatch &&
        match[1] === nextMatch[1] &&
        !last?.startsWith('[')
      ) {
        all[all.length - 1] = `${match[1]}"${match[2]}${nextMatch[2]}"`
      } else all.push(next)
      return all
    }, [])
    .map((one) => ` ${one}`)
    .join('')
}

function $kindOf(node: LexicalNode): string {
  if ($isHeadingNode(node)) return node.getTag()
  if ($isListNode(node))
    return `${node.getListType()}${node.getStart() === 1 ? '' : node.getStart()}`
  if ($isListItemNode(node))
    return node.getChecked() === undefined ? 'item' : `item ${node.getChecked()}`
  if ($isLinkNode(node)) return `link ${node.getURL()}`
  if ($isCodeNode(node)) return `code ${node.getLanguage() ?? ''}`
  return node.getType()
}
