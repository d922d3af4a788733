/** Generates random scripts: all that people, runs, connections and servers do. */
import type { BlockType, TextFormat } from '#client/editor/handle.ts'
import { Random } from '#server/testing/random.ts'
import type { Script, Step } from './script.ts'

export interface Kinds {
  steps: number
}

const STARTS = [
  'Alpha beta gamma. Delta epsilon.\n\nla la\n\nla la\n\nEnd of it.',
  '# Plan\n\nRead [this page](https://a.example/x) now please. Then go on.\n\n- one\n- two\n  - three\n- four\n\nLast words here.',
  'First **bold** and *italic* words. Second one.\n\n> Quoted words here.\n\n```\ncode line\nother line\n```\n\nAfter it.',
  'Line one  \nline two\n\nsame\n\nsame\n\nsame\n\n1. first\n2. second',
  '[left](https://a.example) middle [right](https://b.example)\n\n## Head\n\nTail `code` end.',
  '',
]
const WORDS = ['la', ' ', 'a', '.', ' the']
const BLOCKS: BlockType[] = ['paragraph', 'h1', 'h2', 'bullet', 'number', 'check', 'quote', 'code']
const FORMATS: TextFormat[] = ['bold', 'italic', 'code', 'strikethrough']
const COMMANDS = ['continue', 'rewrite', 'proofread', 'shorten', 'tone', 'summarise', 'to-list']
const URLS = ['https://a.example/y', 'https://b.example', null, null]

export function generate(seed: number, { steps }: Kinds): Script {
  const random = new Random(seed)
  const calm = random.chance(0.3)
  const script: Script = {
    seed,
    markdown: random.pick(STARTS),
    people: random.chance(0.7) ? 3 : 2,
    instances: random.chance(0.3) ? 2 : 1,
    calm,
    steps: [],
  }
  const maker = new Maker(random, script)
  while (script.steps.length < steps) script.steps.push(...maker.next())
  return script
}

/** Places are taken modulo what is there; this many are more than any history has. */
const ANYWHERE = 10_000

class Maker {
  readonly #random: Random
  readonly #script: Script
  #characters = 0

  constructor(random: Random, script: Script) {
    this.#random = random
    this.#script = script
  }

  next(): Step[] {
    const random = this.#random
    const who = random.below(this.#script.people)
    const steps: Step[] = [this.#any(who)]
    if (!this.#script.calm) {
      for (let n = random.below(4); n > 0; n--) {
        const carried = { up: random.below(4), down: random.below(6) }
        steps.push({ who: random.below(this.#script.people), do: 'carry', ...carried })
      }
    }
    return steps
  }

  #any(who: number): Step {
    const random = this.#random
    const at = random.below(ANYWHERE)
    const here = random.chance(0.4) ? {} : { at }
    const some: [parts: number, make: () => Step][] = [
      [300, () => ({ who, do: 'type', text: this.#text(), ...here })],
      [30, () => ({ who, do: 'replace', from: at, length: random.below(8), text: this.#text() })],
      [50, () => ({ who, do: 'erase', from: at, length: 1 + random.below(10) })],
      [40, () => ({ who, do: random.chance(0.7) ? 'backspace' : 'delete', ...here })],
      [80, () => ({ who, do: 'enter', ...here })],
      [20, () => ({ who, do: 'break', ...here })],
      [60, () => ({ who, do: 'join', block: at, forward: random.chance(0.4) })],
      [
        40,
        () => ({
          who,
          do: 'format',
          from: at,
          length: 1 + random.below(8),
          format: random.pick(FORMATS),
        }),
      ],
      [
        25,
        () => ({ who, do: 'link', from: at, length: 1 + random.below(8), url: random.pick(URLS) }),
      ],
      [40, () => ({ who, do: 'block', at, type: random.pick(BLOCKS) })],
      [
        15,
        () => ({ who, do: 'mark', block: at, mark: random.pick(['# ', '> ', '- ', '1. ', '## ']) }),
      ],
      [30, () => ({ who, do: random.chance(0.6) ? 'indent' : 'outdent', at })],
      [8, () => ({ who, do: 'divider', at })],
      [
        25,
        () => ({
          who,
          do: 'copy',
          from: at,
          length: 2 + random.below(24),
          to: random.below(ANYWHERE),
        }),
      ],
      [15, () => ({ who, do: 'paste', at, lines: this.#lines() })],
      [70, () => ({ who, do: 'undo' })],
      [30, () => ({ who, do: 'redo' })],
      [45, () => this.#ask(who, at)],
      [90, () => ({ do: 'say', run: random.below(8), tokens: 1 + random.below(12) })],
      [6, () => ({ do: 'break-off', run: random.below(8) })],
      [6, () => ({ who, do: 'stop', run: random.below(8) })],
      [8, () => ({ who, do: 'continue', run: random.below(8) })],
      [60, () => ({ who, do: 'decide', chunk: random.below(50), decision: this.#decision() })],
      [15, () => ({ who, do: 'decide-all', run: random.below(8), decision: this.#decision() })],
      [10, () => ({ who, do: 'reopen', run: random.below(8) })],
      [20, () => ({ who, do: 'offline' })],
      [35, () => ({ who, do: 'online' })],
      [6, () => ({ who, do: 'reload' })],
      [30, () => ({ do: 'wait', ms: 50 + random.below(700) })],
      [25, () => ({ do: 'quiet' })],
      [6, () => ({ do: 'restart' })],
      [4, () => ({ do: 'reopen-room' })],
      ...(this.#script.instances > 1
        ? ([
            [8, () => ({ do: 'deaf' })],
            [12, () => ({ do: 'hear' })],
          ] as [number, () => Step][])
        : []),
    ]
    let left = random.below(some.reduce((sum, [parts]) => sum + parts, 0))
    for (const [parts, make] of some) {
      left -= parts
      if (left < 0) return make()
    }
    return { do: 'quiet' }
  }

  /** A character that nobody else writes, a few that everybody does, now and then an emoji. */
  #text(): string {
    const random = this.#random
    let text = ''
    for (let n = 1 + random.below(3); n > 0; n--) {
      text += random.chance(0.25) ? random.pick(WORDS) : this.#unique()
    }
    return text
  }

  #unique(): string {
    const n = this.#characters++
    return String.fromCodePoint(this.#random.chance(0.1) ? 0x20000 + n : 0x4e00 + n)
  }

  #lines(): string[] {
    const random = this.#random
    const line = random.chance(0.5) ? 'la la' : this.#text()
    return Array.from({ length: 2 + random.below(2) }, () => line)
  }

  #ask(who: number, from: number): Step {
    const random = this.#random
    const words: string[] = []
    for (let n = 4 + random.below(6); n > 0; n--) {
      const word = Array.from({ length: 1 + random.below(3) }, () => this.#ofRun()).join('')
      words.push(random.chance(0.3) ? `${word}.` : word)
    }
    const length = random.chance(0.3) ? 0 : 4 + random.below(30)
    const shape = random.pick(['', '', '- ', '# '])
    return {
      who,
      do: 'ask',
      command: random.pick(COMMANDS),
      from,
      length,
      words: `${shape}${words.join(' ')}`,
    }
  }

  #ofRun(): string {
    return String.fromCodePoint(0xac00 + this.#characters++)
  }

  #decision(): 'accepted' | 'rejected' {
    return this.#random.chance(0.5) ? 'accepted' : 'rejected'
  }
}
