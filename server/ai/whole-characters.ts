/**
 * Some servers split an emoji over two tokens, half a surrogate pair in each. A Y.Doc would store
 * each half as U+FFFD, so a high half waits for its low one.
 */
export class WholeCharacters {
  #half = ''

  /** What may be given out now. Halves without their other half become U+FFFD. */
  push(text: string): string {
    const joined = this.#half + text
    const last = joined.charCodeAt(joined.length - 1)
    const splits = last >= 0xd800 && last <= 0xdbff
    this.#half = splits ? joined.slice(-1) : ''
    return (splits ? joined.slice(0, -1) : joined).toWellFormed()
  }

  /** What still waited when the text ended. */
  rest(): string {
    return this.#half.toWellFormed()
  }
}
