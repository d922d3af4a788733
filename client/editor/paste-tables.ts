/** Tables as they are pasted: a document has none, so each row becomes a line of its cells. */
import { $createParagraphNode, $createTextNode, type DOMConversionMap } from 'lexical'

/** For `html.import` of an editor. Formats inside the cells are let go. */
export const TABLE_IMPORT: DOMConversionMap = {
  tr: () => ({
    priority: 2,
    conversion: (row: HTMLElement) => ({
      node: $createParagraphNode().append($createTextNode(lineOf(row))),
      forChild: () => null,
    }),
  }),
}

const lineOf = (row: HTMLElement): string =>
  [...row.children].map((cell) => wordsOf(cell)).join(' | ')

/** The blocks of a cell, one behind the other. */
function wordsOf(cell: Element): string {
  const parts = cell.children.length > 0 ? [...cell.childNodes] : [cell]
  const words = parts.map(({ textContent }) => textContent?.trim() ?? '')
  return words.join(' ').replace(/\s+/g, ' ').trim()
}
