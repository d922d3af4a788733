/** Points are the places a caret can stand at in an editor, counted from the text's beginning. */
import {
  $createRangeSelection,
  $getRoot,
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  $isTextNode,
  $setSelection,
  type ElementNode,
  type LexicalNode,
  type RangeSelection,
} from 'lexical'

/** A character or break of a line, or the line's end. */
interface Place {
  block: ElementNode
  /** Behind which node the caret stands, and how far in it; undefined in an empty line. */
  node: LexicalNode | undefined
  offset: number
}

/** Elements that hold a line: not those that only hold other blocks. */
export function $lines(): ElementNode[] {
  const lines: ElementNode[] = []
  const visit = (element: ElementNode) => {
    const children = element.getChildren()
    const blocks = children.filter((child) => $isElementNode(child) && !child.isInline())
    if (blocks.length === 0 && element !== $getRoot()) lines.push(element)
    for (const block of blocks) if ($isElementNode(block)) visit(block)
  }
  visit($getRoot())
  return lines
}

function $places(): Place[] {
  return $lines().flatMap((block) => {
    const leaves = $leaves(block)
    const places: Place[] = [{ block, node: leaves[0], offset: 0 }]
    for (const node of leaves) {
      if ($isTextNode(node)) {
        let offset = 0
        for (const character of node.getTextContent()) {
          offset += character.length
          places.push({ block, node, offset })
        }
      } else places.push({ block, node, offset: 1 })
    }
    return places
  })
}

const $leaves = (element: ElementNode): LexicalNode[] =>
  element.getChildren().flatMap((child) => ($isElementNode(child) ? $leaves(child) : [child]))

function $set(selection: RangeSelection, end: 'anchor' | 'focus', place: Place): void {
  const { block, node, offset } = place
  if (!node) return selection[end].set(block.getKey(), 0, 'element')
  if ($isTextNode(node)) return selection[end].set(node.getKey(), offset, 'text')
  const parent = node.getParentOrThrow()
  selection[end].set(parent.getKey(), node.getIndexWithinParent() + offset, 'element')
}

/** Puts the caret at a place, or selects from there; false where there is no line. */
export function $select(from: number, length = 0): RangeSelection | undefined {
  const places = $places()
  if (places.length === 0) return undefined
  const start = from % places.length
  const end = Math.min(places.length - 1, start + length)
  const selection = $createRangeSelection()
  $set(selection, 'anchor', places[start]!)
  $set(selection, 'focus', places[end]!)
  $setSelection(selection)
  return selection
}

/** Puts the caret at the beginning or the end of a line. */
export function $selectLine(block: number, end: 'start' | 'end'): RangeSelection | undefined {
  const lines = $lines()
  const line = lines[block % Math.max(1, lines.length)]
  if (!line) return undefined
  const places = $places().filter((place) => place.block.is(line))
  const selection = $createRangeSelection()
  for (const side of ['anchor', 'focus'] as const) {
    $set(selection, side, end === 'start' ? places[0]! : places.at(-1)!)
  }
  $setSelection(selection)
  return selection
}

/** How many characters stand before the caret; undefined where there is none. */
export function $charactersBeforeCaret(): number | undefined {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return undefined
  const { key, offset, type } = selection.focus
  if (type !== 'text') return undefined
  let count = 0
  for (const node of $getRoot().getAllTextNodes()) {
    const text = node.getTextContent()
    if (node.getKey() === key) return count + [...text.slice(0, offset)].length
    count += [...text].length
  }
  return undefined
}

/** Which characters of the document a selection holds, counted from its beginning. */
export function $selectedCharacters(selection: RangeSelection): number[] {
  const nodes = new Set(selection.getNodes().map((node) => node.getKey()))
  const { anchor, focus } = selection
  const [start, end] = selection.isBackward() ? [focus, anchor] : [anchor, focus]
  const selected: number[] = []
  let count = 0
  for (const node of $getRoot().getAllTextNodes()) {
    const key = node.getKey()
    let offset = 0
    for (const character of node.getTextContent()) {
      const behind = offset + character.length
      const isOutside =
        !nodes.has(key) ||
        (start.key === key && offset < start.offset) ||
        (end.key === key && behind > end.offset)
      if (!isOutside) selected.push(count)
      offset = behind
      count++
    }
  }
  return selected
}
