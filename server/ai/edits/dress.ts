/**
 * Dress gives the words of an answer their looks, by one rule for each format and each address:
 *
 * 1. What the answer itself shows, its words have where and only where it shows it.
 * 2. What it does not show, a word that stays keeps, and a new word has from what it replaces: word
 *    by word where as many came as went, else what all that went had in common.
 * 3. A word that replaces nothing has what the words on both its sides have.
 *
 * So a model that answers in plain text takes no format and no link away.
 */
import { type Dressed, type Look, PLAIN, SPOKEN, sliced } from './looks.ts'
import { type DiffOp, diffWords } from './word-diff.ts'

export type EditOp =
  | { kind: 'keep' | 'delete'; from: number; to: number }
  | { kind: 'insert'; text: Dressed }

export interface Dressing {
  /** The answer's words with their looks. */
  text: Dressed
  /** The way from the old text to it; offsets are the old text's. */
  ops: EditOp[]
}

/**
 * `asShown`: the answer is about formats, so that without a change of words what it shows is meant
 * and what it does not show is to go.
 */
export function dress(old: Dressed, answer: Dressed, { asShown = false } = {}): Dressing {
  if (asShown && old.text === answer.text) return settled(old, whollyShown(old, answer))
  const shown = shownBy(answer)
  const looks: Look[] = []
  const diff = diffWords(old.text, answer.text)
  for (const [n, op] of diff.entries()) {
    if (op.kind === 'delete') continue
    const from = looks.length
    if (op.kind !== 'insert') {
      for (let at = op.from; at < op.to; at++)
        looks.push(inherited(old.looks[at]!, answer.looks[looks.length]!, shown))
      continue
    }
    const base = baseOf(old, diff, n)
    for (let at = 0; at < op.text.length; at++)
      looks.push(inherited(base[at]!, answer.looks[from + at]!, shown))
  }
  return settled(old, { text: answer.text, looks }, diff)
}

interface Shown {
  format: number
  urls: ReadonlySet<string | undefined>
}
const shownBy = ({ looks }: Dressed): Shown => ({
  format: looks.reduce((bits, { format }) => bits | format, 0),
  urls: new Set(looks.map(({ url }) => url)),
})

function inherited(base: Look, asked: Look, shown: Shown): Look {
  const url = shown.urls.has(base.url) ? undefined : base.url
  return { format: asked.format | (base.format & ~shown.format), url: asked.url ?? url }
}

const whollyShown = (old: Dressed, answer: Dressed): Dressed => ({
  text: answer.text,
  looks: answer.looks.map(({ format, url }, at) => ({
    format: format | (old.looks[at]!.format & ~SPOKEN),
    url,
  })),
})

/** The look that each inserted character would have from what it replaces, or stands between. */
function baseOf(old: Dressed, diff: readonly DiffOp[], n: number): Look[] {
  const { text } = diff[n] as DiffOp & { text: string }
  const before = diff[n - 1]
  const gone = before?.kind === 'delete' ? before : undefined
  const at = gone?.from ?? endOf(diff.slice(0, n))
  const words = [...text.matchAll(/\S+/g)]
  const goneWords = gone ? wordLooks(sliced(old, gone.from, gone.to)) : []
  const around = common([besides(old, at - 1, -1), besides(old, gone?.to ?? at, 1)], true)
  const all = goneWords.length > 0 ? common(goneWords) : around
  const bases = words.map((_, word) => (words.length === goneWords.length ? goneWords[word]! : all))
  const looks: Look[] = []
  for (const [word, match] of words.entries()) {
    const space = common([bases[word - 1], bases[word]])
    while (looks.length < match.index) looks.push(space)
    for (let k = 0; k < match[0].length; k++) looks.push(bases[word]!)
  }
  const last = words.length > 0 ? bases.at(-1)! : around
  while (looks.length < text.length) looks.push(common([last, around]))
  return looks
}

/** The neighbour at this place; a space has the formats of the word behind it: `plan [1]` for `plan 1`. */
function besides({ text, looks }: Dressed, at: number, step: 1 | -1): Look | undefined {
  let word = at
  while (/\s/.test(text[word] ?? '')) word += step
  const [look, nearest] = [looks[at], looks[word]]
  return look && nearest && { format: nearest.format, url: look.url }
}

const endOf = (diff: readonly DiffOp[]): number =>
  diff.reduce((end, op) => (op.kind === 'insert' ? end : op.to), 0)

function wordLooks({ text, looks }: Dressed): Look[] {
  return [...text.matchAll(/\S+/g)].map(({ index, 0: word }) =>
    common(looks.slice(index, index + word.length)),
  )
}

/**
 * What all of these have. A missing one, at an edge, has the formats of the others; with `between`
 * it has no link, since what follows a link does not belong to it.
 */
function common(looks: readonly (Look | undefined)[], between = false): Look {
  const known = looks.filter((look) => look !== undefined)
  const [first] = known
  if (!first) return PLAIN
  const format = known.reduce((bits, look) => bits & look.format, first.format)
  const sameUrl = known.every(({ url }) => url === first.url)
  const whole = !between || known.length === looks.length
  return { format, url: sameUrl && whole ? first.url : undefined }
}

/** Words that stay with another look are struck and written anew. */
function settled(old: Dressed, text: Dressed, diff?: readonly DiffOp[]): Dressing {
  const all = diff ?? [{ kind: 'keep' as const, from: 0, to: old.text.length }]
  const ops: EditOp[] = []
  let at = 0
  for (const op of all) {
    if (op.kind === 'delete') ops.push(op)
    else if (op.kind === 'insert') {
      ops.push({ kind: 'insert', text: sliced(text, at, at + op.text.length) })
      at += op.text.length
    } else {
      for (const { 0: token, index } of old.text.slice(op.from, op.to).matchAll(/\s+|\S+/g)) {
        const from = op.from + index
        const to = from + token.length
        if (isSame(old, from, text, at, token)) add(ops, { kind: 'keep', from, to })
        else {
          add(ops, { kind: 'delete', from, to })
          ops.push({ kind: 'insert', text: sliced(text, at, at + token.length) })
        }
        at += token.length
      }
    }
  }
  return { text, ops }
}

/** Of a space only its link and what draws a line through or under it can be seen. */
function isSame(old: Dressed, from: number, text: Dressed, at: number, token: string): boolean {
  const unseen = /^\s/.test(token) ? BOLD_AND_ITALIC : 0
  for (let k = 0; k < token.length; k++) {
    const [a, b] = [old.looks[from + k]!, text.looks[at + k]!]
    if (a.url !== b.url || (a.format ^ b.format) & ~unseen) return false
  }
  return true
}
const BOLD_AND_ITALIC = 3

function add(ops: EditOp[], op: EditOp & { kind: 'keep' | 'delete' }): void {
  const last = ops.at(-1)
  if (last?.kind === op.kind && last.to === op.from) last.to = op.to
  else ops.push(op)
}
