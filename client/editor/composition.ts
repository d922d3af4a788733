/** Holds others' changes back while somebody composes with an input method in this text. */

export interface Holdable {
  composing(composing: boolean): void
}

export function holdWhileComposing(root: HTMLElement, gate: Holdable): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const begin = () => {
    clearTimeout(timer)
    gate.composing(true)
  }
  const end = () => {
    clearTimeout(timer)
    // Lexical takes the composed text in the same event; only then may the text change.
    timer = setTimeout(() => gate.composing(false))
  }
  root.addEventListener('compositionstart', begin)
  root.addEventListener('compositionend', end)
  root.addEventListener('blur', end)
  return () => {
    root.removeEventListener('compositionstart', begin)
    root.removeEventListener('compositionend', end)
    root.removeEventListener('blur', end)
    clearTimeout(timer)
    gate.composing(false)
  }
}
