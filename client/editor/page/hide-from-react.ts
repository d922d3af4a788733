/**
 * Hides from React that an element is edited. Before each of its commits React counts through all
 * that the focused element holds, to know where the selection is, which it then restores only
 * should the focus be lost: 5.8 ms a commit at 5,000 blocks, and a run's cards commit every frame.
 * React asks the property `contentEditable`; the browser and Lexical go by the attribute.
 */
export function hideFromReact(root: HTMLElement): void {
  Object.defineProperty(root, 'contentEditable', { configurable: true, get: () => 'inherit' })
}
