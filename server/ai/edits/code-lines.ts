/**
 * CodeLines reads an answer that is code, as it arrives: its lines as they are, nothing of them as
 * markdown. A fence around the whole, and a line of talk before the fence, are the model's manners
 * and no part of the code.
 */
export class CodeLines {
  /** The line under way. */
  #line = ''
  /** The first line: code, unless a fence opens behind it. */
  #first: string | undefined
  /** What closes the fence that was opened. */
  #fence: string | undefined
  #state: 'before' | 'first' | 'inside' | 'behind' = 'before'
  /** Blank lines that count only if something follows. */
  #blank: string[] = []
  /** What the fence says of its language. */
  language: string | undefined

  /** The lines that these characters complete. */
  push(text: string): string[] {
    const lines = `${this.#line}${text.replaceAll('\r', '')}`.split('\n')
    this.#line = lines.pop()!
    return lines.flatMap((line) => this.#take(line))
  }

  /** The last lines. */
  end(): string[] {
    const last = this.#take(this.#line)
    this.#line = ''
    return [...last, ...this.#release()]
  }

  #take(line: string): string[] {
    switch (this.#state) {
      case 'before':
        if (line.trim() === '') return []
        if (this.#opens(line)) return []
        this.#first = line
        this.#state = 'first'
        return []
      case 'first':
        if (line.trim() === '') return this.#keep(line)
        if (!this.#opens(line)) return [...this.#release(), ...this.#keep(line)]
        this.#first = undefined
        this.#blank = []
        return []
      case 'inside':
        return this.#closes(line) ? [] : this.#keep(line)
      case 'behind':
        return []
    }
  }

  #opens(line: string): boolean {
    const opened = /^\s*(`{3,}|~{3,})\s*([\w+#.-]*)\s*$/.exec(line)
    if (!opened) return false
    this.#fence = opened[1]
    this.language = opened[2] || undefined
    this.#state = 'inside'
    return true
  }

  #closes(line: string): boolean {
    const bare = line.trim()
    const closes = this.#fence && bare.startsWith(this.#fence) && /^(`+|~+)$/.test(bare)
    if (closes) this.#state = 'behind'
    return Boolean(closes)
  }

  #release(): string[] {
    if (this.#state !== 'first') return []
    this.#state = 'inside'
    return [this.#first!]
  }

  #keep(line: string): string[] {
    if (line.trim() === '' || this.#state === 'first') {
      this.#blank.push(line)
      return []
    }
    return [...this.#blank.splice(0), line]
  }
}
