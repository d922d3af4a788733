/**
 * Bursts generates short stories in which one person types key by key while another changes what
 * they stand in, with any delay between them: what must come of it is known without playing it.
 */
import { Random } from '#server/testing/random.ts'
import type { Gesture, Script, Step } from '../script.ts'

export interface Burst {
  /** What the other person does, in words. */
  name: string
  script: Script
  /** The same without the typing. */
  alone: Script
  /** The words in front of the typing, and what the typing makes of them. */
  word: string
  becomes: string
}

const LINES = {
  lines: ['alpha beta', 'gamma delta', 'one two three four', 'lazy dogs'],
  markdown: 'alpha beta\n\ngamma delta\n\none two three four\n\nlazy dogs',
}
const LIST = {
  lines: ['Top', 'aaa one', 'bbb two', 'ccc three', 'End'],
  markdown: 'Top\n\n- aaa one\n- bbb two\n- ccc three\n\nEnd',
}
type Text = typeof LINES

/** A place is counted as `points.ts` counts it: one more than characters in each line. */
function placeOf({ lines }: Text, words: string, behind = true): number {
  let before = 0
  for (const line of lines) {
    const at = line.indexOf(words)
    if (at >= 0) return before + at + (behind ? words.length : 0)
    before += line.length + 1
  }
  throw new Error(`no line says ${words}`)
}

interface Change {
  name: string
  text: Text
  /** The other types behind one of these words. */
  typed: readonly string[]
  steps: readonly Gesture[]
}

const over = (text: Text, from: string, to: string) => {
  const start = placeOf(text, from, false)
  return { from: start, length: placeOf(text, to) - start }
}

const UNDO: Gesture = { do: 'undo' }

function changes(): Change[] {
  const of = (name: string, text: Text, typed: string[], ...steps: Gesture[]): Change[] => [
    { name, text, typed, steps },
    { name: `${name}, undone`, text, typed, steps: [...steps, ...steps.map(() => UNDO)] },
  ]
  const four = ['three', 'two three four', 'o three']
  const at = placeOf(LINES, 'one')
  const block = 2
  const item = placeOf(LIST, 'bbb')
  const items = ['bbb two', 'bb', 'bbb t']
  return [
    ...of('writes over a selection of two lines', LINES, ['delta', 'de'], {
      do: 'replace',
      ...over(LINES, 'beta', 'gamma'),
      text: 'NEW',
    }),
    ...of('erases over two lines', LINES, ['delta', 'de'], {
      do: 'erase',
      ...over(LINES, 'beta', 'gamma'),
    }),
    ...of('Enter', LINES, four, { do: 'enter', at }),
    ...of(
      'two Enters',
      LINES,
      ['three four', 'three f'],
      { do: 'enter', at },
      { do: 'enter', at: at + 5 },
    ),
    ...of('a line break', LINES, four, { do: 'break', at }),
    ...of('a heading', LINES, four, { do: 'mark', block, mark: '# ' }),
    ...of('a quote', LINES, four, { do: 'mark', block, mark: '> ' }),
    ...of('a list', LINES, four, { do: 'block', at, type: 'bullet' }),
    ...of('a code block', LINES, four, { do: 'block', at, type: 'code' }),
    ...of('joins with the line before', LINES, four, { do: 'join', block, forward: false }),
    ...of('bold', LINES, four, { do: 'format', ...over(LINES, 'two', 'four'), format: 'bold' }),
    ...of('a link', LINES, ['three', 'o thr'], {
      do: 'link',
      ...over(LINES, 'two', 'four'),
      url: 'https://a.example',
    }),
    ...of('indents', LIST, items, { do: 'indent', at: item }),
    ...of(
      'indents and outdents',
      LIST,
      items,
      { do: 'indent', at: item },
      { do: 'outdent', at: item },
    ),
    ...of('indents the item before', LIST, ['ccc three', 'ccc'], { do: 'indent', at: item }),
    ...of('a paragraph of an item', LIST, items, { do: 'block', at: item, type: 'paragraph' }),
    ...of('joins items', LIST, items, { do: 'join', block: 2, forward: false }),
    ...of('Enter in an item', LIST, ['two', 'tw'], { do: 'enter', at: item }),
  ]
}

const CHANGES = changes()

export function generateBurst(seed: number): Burst {
  const random = new Random(seed)
  const { name, text, typed, steps } = CHANGES[seed % CHANGES.length]!
  const behind = random.pick(typed)
  const presses: Step[] = []
  let word = behind
  const isErasing = random.chance(0.15)
  const keys = isErasing ? random.below(Math.min(9, behind.length)) : 3 + random.below(7)
  for (let n = 0; n < keys; n++) {
    const place = n === 0 ? { at: placeOf(text, behind) } : {}
    if (isErasing || (word.length > behind.length && random.chance(0.1))) {
      presses.push({ who: 1, do: 'backspace', ...place })
      word = word.slice(0, -1)
    } else {
      const letter = String.fromCharCode('A'.charCodeAt(0) + n)
      presses.push({ who: 1, do: 'type', text: letter, ...place })
      word += letter
    }
  }
  const mine: Step[] = steps.map((step) => ({ who: 0, ...step }))
  const script: Script = {
    seed,
    markdown: text.markdown,
    people: 2,
    instances: 1,
    calm: false,
    steps: weave(random, [...presses], [...mine]),
  }
  const alone = { ...script, steps: [...mine, { do: 'quiet' } as Step] }
  return { name: `${name}; ${word} behind ${behind}`, script, alone, word: behind, becomes: word }
}

/** The other's first press comes first, as their caret stands there before. */
function weave(random: Random, presses: Step[], changed: Step[]): Step[] {
  const steps: Step[] = []
  const carries = () => {
    for (let n = random.below(3); n > 0; n--) {
      steps.push({ who: random.below(2), do: 'carry', up: random.below(3), down: random.below(3) })
    }
  }
  const rest = [presses, changed]
  steps.push(...presses.splice(0, 1))
  carries()
  while (rest.some((list) => list.length > 0)) {
    const list = random.chance(changed.length / (presses.length + changed.length))
      ? changed
      : presses
    steps.push(...list.splice(0, 1))
    carries()
  }
  return [...steps, { do: 'quiet' }]
}
