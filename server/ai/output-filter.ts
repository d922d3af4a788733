/**
 * Takes secrets out of a model's answer before anything of it is stored or shown. It holds back
 * only what may still become a match, and decides only when no longer match is possible, so the
 * same text gives the same output however it is cut.
 */

export interface FilterRule {
  name: string
  /** How a match begins, whatever its case. */
  start: string
  /** Characters that follow: as many as there are, `min` to `max`. */
  body?: { of: RegExp; min: number; max: number }
  /** Neither a letter nor a digit stands before it. */
  word: boolean
}

const body = (of: RegExp, min: number, max: number) => ({ of, min, max })
const TOKEN = /[A-Za-z0-9_-]/

/** Keys and tokens of well-known services, and private keys. */
export const SECRETS: readonly FilterRule[] = [
  { name: 'model-key', start: 'sk-', body: body(TOKEN, 20, 200), word: true },
  { name: 'aws-key', start: 'AKIA', body: body(/[A-Z0-9]/, 16, 16), word: true },
  { name: 'github-token', start: 'ghp_', body: body(/[A-Za-z0-9]/, 36, 36), word: true },
  { name: 'github-token', start: 'github_pat_', body: body(/\w/, 22, 120), word: true },
  { name: 'slack-token', start: 'xoxb-', body: body(TOKEN, 20, 120), word: true },
  { name: 'google-key', start: 'AIza', body: body(TOKEN, 35, 35), word: true },
  {
    name: 'private-key',
    start: '-----BEGIN ',
    body: body(/[A-Z -]/, 15, 60),
    word: false,
  },
]

const MASK = '█'.repeat(8)
const LETTER = /[\p{L}\p{N}_]/u

type Match = { kind: 'no' } | { kind: 'open' } | { kind: 'yes'; to: number }

export class OutputFilter {
  readonly #rules: readonly (FilterRule & { lower: string })[]
  readonly #firsts: ReadonlySet<string>
  #held = ''
  /** The character before `#held`. */
  #before = ''
  #hits = new Set<string>()

  constructor(rules: readonly FilterRule[] = SECRETS) {
    this.#rules = rules.map((rule) => ({ ...rule, lower: rule.start.toLowerCase() }))
    this.#firsts = new Set(this.#rules.map((rule) => rule.lower[0]!))
  }

  /** True once something was taken out. */
  get hit(): boolean {
    return this.#hits.size > 0
  }
  /** Names of the rules that matched. */
  get hits(): readonly string[] {
    return [...this.#hits]
  }

  /** What is certain to hold nothing forbidden. */
  push(text: string): string {
    this.#held += text
    return this.#run(false)
  }

  /** The rest. */
  end(): string {
    return this.#run(true)
  }

  #run(last: boolean): string {
    const text = this.#held
    let out = ''
    let from = 0
    let at = 0
    while (at < text.length) {
      const match = this.#matchAt(at, last)
      if (match.kind === 'open') break
      if (match.kind === 'no') at++
      else {
        out += text.slice(from, at) + MASK
        from = at = match.to
      }
    }
    out += text.slice(from, at)
    if (at > 0) this.#before = text[at - 1]!
    this.#held = text.slice(at)
    return out
  }

  #matchAt(at: number, last: boolean): Match {
    if (!this.#firsts.has(this.#held[at]!.toLowerCase())) return { kind: 'no' }
    const before = at > 0 ? this.#held[at - 1]! : this.#before
    for (const rule of this.#rules) {
      if (rule.word && LETTER.test(before)) continue
      const match = this.#try(rule, at, last)
      if (match.kind === 'yes') this.#hits.add(rule.name)
      if (match.kind !== 'no') return match
    }
    return { kind: 'no' }
  }

  #try(rule: FilterRule & { lower: string }, at: number, last: boolean): Match {
    const text = this.#held
    const size = Math.min(rule.lower.length, text.length - at)
    if (text.slice(at, at + size).toLowerCase() !== rule.lower.slice(0, size)) return { kind: 'no' }
    if (size < rule.lower.length) return { kind: last ? 'no' : 'open' }
    let to = at + size
    const { of, min, max } = rule.body ?? { of: /$^/, min: 0, max: 0 }
    const limit = to + max
    while (to < text.length && to < limit && of.test(text[to]!)) to++
    const mayGrow = to === text.length && (to < limit || (rule.word && !rule.body))
    if (mayGrow && !last) return { kind: 'open' }
    if (to - at - size < min) return { kind: 'no' }
    const cutsWord = rule.word && !rule.body && LETTER.test(text[to] ?? '')
    return cutsWord ? { kind: 'no' } : { kind: 'yes', to }
  }
}
