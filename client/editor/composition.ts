/**
 * holdWhileComposing keeps a composition on this page until it is committed, and others' changes off
 * it meanwhile (law 7 of shared text). Without it each state of an input method went out and was a
 * step of undo by itself: others read `nihao`, and Ctrl+Z after 你好 brought it back (case 24).
 */

export interface Holdable {
  composing(composing: boolean): void
}

export interface CompositionDeps {
  root: HTMLElement
  /** What is written here and waits to go out. */
  outgoing: Holdable
  /** What others wrote and waits to be shown: an input method loses its place beneath it. */
  incoming: Holdable
}

export function holdWhileComposing({ root, outgoing, incoming }: CompositionDeps): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let composing = false
  const begin = () => {
    // Hangul ends a syllable and begins the next in one keystroke: the former is complete.
    if (timer !== undefined) outgoing.composing(false)
    clearTimeout(timer)
    timer = undefined
    composing = true
    incoming.composing(true)
    outgoing.composing(true)
  }
  const release = () => {
    timer = undefined
    composing = false
    outgoing.composing(false)
    incoming.composing(false)
  }
  const end = () => {
    clearTimeout(timer)
    // Lexical takes the composed text in the same event; only then is it complete.
    if (composing) timer = setTimeout(release)
  }
  /** The page may be gone after this; where it stays, the composition goes on. */
  const leave = () => {
    if (!composing) return
    outgoing.composing(false)
    outgoing.composing(true)
  }
  const hide = () => {
    if (document.visibilityState === 'hidden') leave()
  }
  // Before Lexical's own listener: it puts a space there for the composition, which is a change.
  root.addEventListener('compositionstart', begin, { capture: true })
  root.addEventListener('compositionend', end)
  root.addEventListener('blur', end)
  // Before the page asks whether anything would be lost with it.
  addEventListener('beforeunload', leave, { capture: true })
  addEventListener('pagehide', leave, { capture: true })
  document.addEventListener('visibilitychange', hide)
  return () => {
    root.removeEventListener('compositionstart', begin, { capture: true })
    root.removeEventListener('compositionend', end)
    root.removeEventListener('blur', end)
    removeEventListener('beforeunload', leave, { capture: true })
    removeEventListener('pagehide', leave, { capture: true })
    document.removeEventListener('visibilitychange', hide)
    clearTimeout(timer)
    if (composing) release()
  }
}
