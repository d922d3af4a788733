/** Generates short histories for real pages: what hands, runs and connections do there. */
import type { Script, Step } from '#server/testing/history/script.ts'
import { Random } from '#server/testing/random.ts'

/** None of their letters is typed in a history: whatever is typed can be told from them. */
const STARTS = [
  'αβγδ εζηθ. ικλμ νξο.\n\nππ ππ\n\nππ ππ\n\nρστυ.',
  '# φχψω\n\nαβγ [δεζ ηθι](https://a.example/x) κλμ. νξοπ.\n\n- ρστ\n- υφχ\n- ψωα',
  'αβγ **δεζ** ηθι. κλμ νξο.\n\n> πρσ τυφ.\n\nχψω αβγ.',
]
/** Keys of a keyboard, each of which a history types once. */
const KEYS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const ANYWHERE = 10_000

export function generateForBrowser(seed: number, steps: number): Script {
  const random = new Random(seed)
  const keys = [...KEYS]
  const composed = [...'日本語漢字仮名交文章編集者間']
  const people = random.chance(0.4) ? 3 : 2
  const text = () =>
    Array.from({ length: 1 + random.below(3) }, () => keys.shift() ?? '').join('') || 'z'
  const decision = () => (random.chance(0.5) ? ('accepted' as const) : ('rejected' as const))
  const make = (): Step => {
    const who = random.below(people)
    const at = random.below(ANYWHERE)
    const here = random.chance(0.5) ? {} : { at }
    const all: [number, () => Step][] = [
      [30, () => ({ who, do: 'type', text: text(), ...here })],
      [6, () => compose(who, at)],
      [5, () => ({ who, do: 'replace', from: at, length: 1 + random.below(4), text: text() })],
      [6, () => ({ who, do: 'erase', from: at, length: 1 + random.below(5) })],
      [6, () => ({ who, do: random.chance(0.7) ? 'backspace' : 'delete', ...here })],
      [12, () => ({ who, do: 'enter', ...here })],
      [3, () => ({ who, do: 'break', ...here })],
      [8, () => ({ who, do: 'join', block: at, forward: random.chance(0.3) })],
      [5, () => ({ who, do: 'format', from: at, length: 1 + random.below(5), format: 'bold' })],
      [5, () => ({ who, do: 'mark', block: at, mark: random.pick(['# ', '> ', '- ']) })],
      [4, () => ({ who, do: random.chance(0.6) ? 'indent' : 'outdent', at })],
      [4, () => ({ who, do: 'copy', from: at, length: 2 + random.below(8), to: at + 7 })],
      [9, () => ({ who, do: 'undo' })],
      [4, () => ({ who, do: 'redo' })],
      [6, () => ({ who, do: 'ask', command: 'continue', from: at, length: 0, words: WORDS })],
      [6, () => ({ who, do: 'decide', chunk: random.below(9), decision: decision() })],
      [3, () => ({ who, do: 'offline' })],
      [5, () => ({ who, do: 'online' })],
      [2, () => ({ who, do: 'reload' })],
      [3, () => ({ do: 'quiet' })],
    ]
    let left = random.below(all.reduce((sum, [parts]) => sum + parts, 0))
    for (const [parts, one] of all) {
      left -= parts
      if (left < 0) return one()
    }
    return { do: 'quiet' }
  }
  const compose = (who: number, at: number): Step => {
    const word = composed.shift()
    if (!word) return { do: 'quiet' }
    return { who, do: 'compose', states: ['n', 'ni', 'nih'], text: word, at }
  }
  return {
    seed,
    markdown: random.pick(STARTS),
    people,
    instances: 1,
    calm: random.chance(0.4),
    steps: Array.from({ length: steps }, make),
  }
}

/** What a run says: letters that nobody else writes. */
const WORDS = 'ждёт щука. Юный эльф. Чаша.'
