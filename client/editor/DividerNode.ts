/** A line across the page. Its type name is the one that the server's list of node types has. */
import {
  $applyNodeReplacement,
  DecoratorNode,
  type DOMConversionMap,
  type DOMExportOutput,
  type LexicalNode,
  type SerializedLexicalNode,
} from 'lexical'

export class DividerNode extends DecoratorNode<null> {
  static override getType(): string {
    return 'horizontalrule'
  }
  static override clone(node: DividerNode): DividerNode {
    return new DividerNode(node.__key)
  }
  static override importJSON(_json: SerializedLexicalNode): DividerNode {
    return $createDividerNode()
  }
  static override importDOM(): DOMConversionMap {
    return { hr: () => ({ conversion: () => ({ node: $createDividerNode() }), priority: 0 }) }
  }

  override createDOM(): HTMLElement {
    return document.createElement('hr')
  }
  override updateDOM(): boolean {
    return false
  }
  override exportDOM(): DOMExportOutput {
    return { element: document.createElement('hr') }
  }
  override decorate(): null {
    return null
  }
  override getTextContent(): string {
    return '\n'
  }
  override isInline(): false {
    return false
  }
}

export const $createDividerNode = (): DividerNode => $applyNodeReplacement(new DividerNode())
export const $isDividerNode = (node: LexicalNode | null | undefined): node is DividerNode =>
  node instanceof DividerNode
