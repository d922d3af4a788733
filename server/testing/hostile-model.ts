/** HostileModel answers an edit as badly as models do: in other forms, too much, too little, broken off. */
import type { ModelPart, ModelRequest } from '#server/ai/endpoint.ts'
import { ModelError } from '#server/ai/endpoint.ts'
import type { Random } from './random.ts'
import { marked } from './rewriting.ts'

const WORDS = [
  ...['plan', 'of', '**bold**', '日本', '😀🏽', '`x`', '[link](https://a.b/c)', 'don’t', '3,5'],
  ...['b1:', '@@', '@@ b2', '<b>', '\\', '*', '_', '|', '#', '- ', '1.', '> ', '⟦here⟧', '\u200b'],
]

export const MANNERS = [
  ...['as-asked', 'as-asked', 'other-form', 'plain', 'too-few', 'too-many', 'prompt', 'fence'],
  ...['endless', 'empty', 'none', 'twice', 'unknown', 'refusal', 'backwards', 'removed'],
] as const

export class HostileModel {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** The parts of an answer; it may throw a ModelError, or stop at its length, wherever it is. */
  *answer(request: ModelRequest): Generator<string | ModelPart> {
    const random = this.#random
    const said = this.#words(request)
    const size = random.pick([1, 1, 3, 17, 400])
    const end = random.chance(0.25) ? random.below(said.length + 1) : said.length
    // By UTF-16 units: a part may end between the halves of a character.
    for (let at = 0; at < end; at += size) yield said.slice(at, Math.min(end, at + size))
    const usage = undefined
    if (end === said.length) return yield { type: 'end', finish: 'stop', usage }
    if (random.chance(0.4)) return yield { type: 'end', finish: 'length', usage }
    const error = new ModelError(random.pick(['reset', 'truncated', 'server', 'auth']), 'scripted')
    error.partial = end > 0
    throw error
  }

  #words(request: ModelRequest): string {
    const random = this.#random
    const asked = marked(request)
    const bySentence = asked[0]?.address.includes('.') ?? false
    const line = (address: string, text: string, isLine = bySentence) =>
      isLine ? `${address}: ${text}\n` : `@@ ${address}\n${text}\n`
    const all = (isLine = bySentence) =>
      asked.map(({ address, line: old }) => line(address, this.#changed(old), isLine)).join('')
    switch (random.pick(MANNERS)) {
      case 'as-asked':
        return all()
      case 'other-form':
        return bySentence
          ? asked.map(({ address }) => line(address.split('.')[0]!, this.#text(), false)).join('')
          : asked.map(({ address }) => line(`${address}.1`, this.#text(), true)).join('')
      case 'plain':
        return asked.map(() => this.#text()).join('\n\n')
      case 'too-few':
        return asked
          .slice(1)
          .map(() => this.#text())
          .join('\n\n')
      case 'too-many':
        return [...asked, ...asked].map(() => this.#text()).join('\n\n')
      case 'prompt':
        return request.messages.at(-1)!.content
      case 'fence':
        return `Sure!\n\`\`\`markdown\n${all()}${random.chance(0.5) ? '```\nLet me know.' : ''}`
      case 'endless':
        return `${all()}${Array.from({ length: 300 }, () => this.#text()).join(' ')}`
      case 'empty':
        return random.pick(['', ' ', '\n\n'])
      case 'none':
        return random.pick(['@@ none\n', 'No changes.', '@@ none'])
      case 'twice':
        return `${all()}${all()}`
      case 'unknown':
        return `${line('b999', this.#text())}${line('b1.999', this.#text(), true)}${all()}`
      case 'refusal':
        return 'I’m sorry, but I can’t help with that.'
      case 'backwards':
        return asked
          .toReversed()
          .map(({ address }) => line(address, this.#text()))
          .join('')
      case 'removed':
        return asked.map(({ address }) => line(address, '')).join('')
    }
  }

  /** Some words of it are others. */
  #changed(old: string): string {
    return old
      .split(' ')
      .map((word) => (this.#random.chance(0.3) ? this.#random.pick(WORDS) : word))
      .join(' ')
  }

  #text(): string {
    const words = Array.from({ length: 1 + this.#random.below(9) }, () => this.#random.pick(WORDS))
    const lines = words.join(' ')
    return this.#random.chance(0.2) ? lines.replaceAll(' ', '\n') : `${lines}.`
  }
}
