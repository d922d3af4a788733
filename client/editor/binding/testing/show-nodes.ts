/** Writes down what an editor shows, one readable line a block, for tests. */
import * as L from 'lexical'

export const showBlocks = (editor: L.LexicalEditor): string[] =>
  editor.read(() => L.$getRoot().getChildren().map($show))

function $show(node: L.LexicalNode): string {
  if (!L.$isElementNode(node)) return `<${node.getType()}>`
  const parts: { look: string; words: string }[] = []
  for (const child of node.getChildren()) {
    const look = L.$isTextNode(child) ? `${child.getType()} ${child.getFormat()} ` : ''
    const last = parts.at(-1)
    // Where one text ends and another begins is the document's business, not the reader's.
    if (last && look !== '' && last.look === look) last.words += child.getTextContent()
    else parts.push({ look, words: look === '' ? $show(child) : child.getTextContent() })
  }
  const inside = parts.map(({ look, words }) => (look === '' ? words : $showText(look, words)))
  return `[${[node.getType(), ...inside].join(' ')}]`
}

function $showText(look: string, words: string): string {
  const [type, format] = look.split(' ')
  const marks = [type === 'text' ? '' : type, format === '0' ? '' : format]
  return [...marks.filter(Boolean), JSON.stringify(words)].join(' ')
}
