/**
 * Frames gathers what has to be measured on the page and does it once a frame: first everything is
 * read, and only then anything is written. A measurement between two writes makes the browser lay
 * out the whole text for it: at 5,000 blocks 6 ms, and a run that streamed caused fifty a second.
 */

/** What is measured: the text, against the element that cards and carets are placed in. */
export interface Measured {
  root: HTMLElement
  surface: HTMLElement
  frames: Frames
}

interface Measuring {
  read(): () => void
}

export class Frames {
  readonly #due = new Set<Measuring>()
  #frame = 0

  /** The answer asks for one measurement in the next frame; `write` gets what `read` has found. */
  measured<T>(read: () => T, write: (found: T) => void): () => void {
    const measuring: Measuring = {
      read: () => {
        const found = read()
        return () => write(found)
      },
    }
    return () => {
      this.#due.add(measuring)
      this.#frame ||= requestAnimationFrame(this.#measure)
    }
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    this.#due.clear()
  }

  readonly #measure = (): void => {
    this.#frame = 0
    const due = [...this.#due]
    this.#due.clear()
    const writes = due.map((measuring) => measuring.read())
    for (const write of writes) write()
  }
}
