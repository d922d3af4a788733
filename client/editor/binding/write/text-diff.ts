/**
 * changesOf tells what was typed into a text from how it was and is. Among equal characters the texts
 * alone leave open which of them is the new one; the caret says it, which stands behind what was
 * typed (law 1 of shared text: the stock binding gave 1,817 of 6,000 typed characters a wrong
 * identity, so that rejecting a suggestion took people's own letters with it, case 30.2).
 */

export interface TextChange {
  /** Where in the old text. */
  index: number
  /** How many characters go there. */
  remove: number
  /** What comes there. */
  insert: string
}

/** The words of one text node. */
export interface Piece {
  key: string
  words: string
  /** Which suggestion it shows; nothing where it is plain. */
  flag?: string | undefined
}

/** Characters at the end of a text that are not of it, whatever they look like. */
export interface Ends {
  /** So many of the new text came from another one. */
  come?: number
  /** So many of the old text went to another one. */
  left?: number
}

/**
 * The changes that make the new text of the old one, in order and apart from each other. `caret` is
 * an offset in the new text, if the caret stands in it.
 */
export function changesOf(
  before: readonly Piece[],
  after: readonly Piece[],
  caret: number | undefined,
  { come = 0, left = 0 }: Ends = {},
): TextChange[] {
  if (left > 0) return changesWithoutEnd(before, after, caret, { come, left })
  const now = joined(after)
  const hasBoth = come > 0 && come < now.length
  if (joined(before) === now && !hasBoth) return []
  return come > 0 ? changesInFront(before, after, caret, come) : foundChanges(before, after, caret)
}

/** Those of what stays in the text, and what left it. */
function changesWithoutEnd(
  before: readonly Piece[],
  after: readonly Piece[],
  caret: number | undefined,
  { come, left }: Required<Ends>,
): TextChange[] {
  const index = joined(before).length - left
  const changes = changesOf(upTo(before, index), after, caret, { come })
  const last = changes.at(-1)
  if (!last || last.index + last.remove < index)
    return [...changes, { index, remove: left, insert: '' }]
  return [...changes.slice(0, -1), { ...last, remove: last.remove + left }]
}

/** Those of what was there, and what came behind it. */
function changesInFront(
  before: readonly Piece[],
  after: readonly Piece[],
  caret: number | undefined,
  come: number,
): TextChange[] {
  const now = joined(after)
  const index = now.length - come
  const at = caret === undefined ? undefined : Math.min(caret, index)
  const changes = changesOf(before, upTo(after, index), at)
  const end = joined(before).length
  const last = changes.at(-1)
  const insert = now.slice(index)
  // Behind what stays, not behind what goes: that would say its writer had not seen it go.
  if (!last || last.index + last.remove < end)
    return [...changes, { index: end, remove: 0, insert }]
  return [...changes.slice(0, -1), { ...last, insert: last.insert + insert }]
}

/** The pieces in front of an index; empty ones behind it. */
function upTo(pieces: readonly Piece[], index: number): Piece[] {
  let from = 0
  return pieces.map((piece) => {
    const { words } = piece
    const part = { ...piece, words: words.slice(0, Math.max(0, index - from)) }
    from += words.length
    return part
  })
}

const joined = (pieces: readonly Piece[]): string => pieces.map(({ words }) => words).join('')

/** Between nodes that are the same before and after, stretch by stretch. */
function foundChanges(
  before: readonly Piece[],
  after: readonly Piece[],
  caret: number | undefined,
): TextChange[] {
  const changes: TextChange[] = []
  let [oldFrom, nowFrom] = [0, 0]
  let [oldAt, nowAt] = [0, 0]
  const compare = (oldEnd: number, nowEnd: number) => {
    const [oldPieces, nowPieces] = [before.slice(oldFrom, oldEnd), after.slice(nowFrom, nowEnd)]
    const [old, now] = [joined(oldPieces), joined(nowPieces)]
    const at = caret === undefined ? now.length : Math.min(now.length, Math.max(0, caret - nowAt))
    for (const change of stretchChanges(old, now, at, sameFlags(oldPieces, nowPieces))) {
      changes.push({ ...change, index: oldAt + change.index })
    }
    oldAt += old.length
    nowAt += now.length
  }
  for (const [oldEnd, nowEnd] of commonPieces(before, after)) {
    compare(oldEnd, nowEnd)
    const { length } = before[oldEnd]!.words
    oldAt += length
    nowAt += length
    ;[oldFrom, nowFrom] = [oldEnd + 1, nowEnd + 1]
  }
  compare(before.length, after.length)
  return changes
}

/** Nodes that are in both and hold the same words, in order: where each stands in the one and in the other. */
function* commonPieces(
  before: readonly Piece[],
  after: readonly Piece[],
): Generator<[number, number]> {
  let from = 0
  for (const [n, piece] of before.entries()) {
    if (piece.words === '') continue
    const at = after.findIndex(
      ({ key, words }, m) => m >= from && key === piece.key && words === piece.words,
    )
    if (at < 0) continue
    yield [n, at]
    from = at + 1
  }
}

/** Whether two characters, by their places, show the same flag; undefined where no flag tells any apart. */
type SameFlag = ((oldAt: number, nowAt: number) => boolean) | undefined

function sameFlags(old: readonly Piece[], now: readonly Piece[]): SameFlag {
  const all = [...old, ...now]
  if (all.every(({ flag }) => flag === all[0]?.flag)) return undefined
  const [oldFlags, nowFlags] = [old, now].map((pieces) =>
    pieces.flatMap(({ words, flag }) => Array<string | undefined>(words.length).fill(flag)),
  ) as [(string | undefined)[], (string | undefined)[]]
  return (oldAt, nowAt) => oldFlags[oldAt] === nowFlags[nowAt]
}

function stretchChanges(old: string, now: string, caret: number, sameFlag: SameFlag): TextChange[] {
  if (old === now) return []
  if (isJoined(old, now, caret)) {
    const insert = now.slice(caret, caret + now.length - old.length)
    return [{ index: caret, remove: 0, insert }]
  }
  const endsAt = (at: number) => commonEnds(old, now, at, sameFlag)
  const beside = endsAt(caret)
  // What was changed elsewhere than at the caret says nothing of it: others' words, or a command's.
  const isBeside = caret >= beside.front && caret <= now.length - beside.back
  const { front, back } = isBeside ? beside : endsAt(now.length)
  const gone = old.slice(front, old.length - back)
  const come = now.slice(front, now.length - back)
  return keptWithin(gone, come).map((change) => ({ ...change, index: front + change.index }))
}

/**
 * Whether the words came right behind the caret, as the next line does when Backspace or Delete joins
 * it to this one, and cannot have been typed, which would have left the caret behind them.
 */
function isJoined(old: string, now: string, caret: number): boolean {
  const length = now.length - old.length
  const isInsertedAt = (at: number) =>
    at >= 0 && old === now.slice(0, at) + now.slice(at + length) && !cutsCharacter(now, at)
  return length > 0 && !isInsertedAt(caret - length) && isInsertedAt(caret)
}

/**
 * What stands behind the caret was there before; then what stands in front of it; then the rest. Of
 * two ways to keep as many characters, the one in which each keeps its flag: the `la` that a run
 * proposes, which a link leaves alone in its text, is not the `la` that a person wrote in front of it
 * (history 772: a rejected run's letters stayed, and the person's were written anew by who made the link).
 */
function commonEnds(old: string, now: string, caret: number, sameFlag: SameFlag): CommonEnds {
  const plain = equalEnds(old, now, caret, () => true)
  const flagged = sameFlag && equalEnds(old, now, caret, sameFlag)
  return flagged && flagged.front + flagged.back >= plain.front + plain.back ? flagged : plain
}

interface CommonEnds {
  front: number
  back: number
}

function equalEnds(
  old: string,
  now: string,
  caret: number,
  sameFlag: NonNullable<SameFlag>,
): CommonEnds {
  const most = Math.min(old.length, now.length)
  const isSame = (o: number, n: number) => old[o] === now[n] && sameFlag(o, n)
  const sameEnd = (n: number) => isSame(old.length - 1 - n, now.length - 1 - n)
  let back = 0
  while (back < most && back < now.length - caret && sameEnd(back)) back++
  let front = 0
  while (front + back < most && isSame(front, front)) front++
  while (front + back < most && sameEnd(back)) back++
  while (cutsCharacter(old, front) || cutsCharacter(now, front)) front--
  while (cutsCharacter(old, old.length - back) || cutsCharacter(now, now.length - back)) back--
  return { front, back }
}

/** Beyond this many pairs of characters a stretch is replaced as a whole. */
const MOST_PAIRS = 40_000

/**
 * A stretch of which the better part stays keeps it: `**bold**` that becomes `bold` loses four
 * stars and not the word between them, in which others may be writing.
 */
function keptWithin(gone: string, come: string): TextChange[] {
  const whole = [{ index: 0, remove: gone.length, insert: come }]
  if (gone === '' || come === '' || gone.length * come.length > MOST_PAIRS) return whole
  const [old, now] = [[...gone], [...come]]
  const kept = longestCommon(old, now)
  if (kept.length * 2 < Math.min(old.length, now.length)) return whole
  const changes: TextChange[] = []
  let index = 0
  let [o, n] = [0, 0]
  for (const [nextO, nextN] of [...kept, [old.length, now.length] as const]) {
    const remove = old.slice(o, nextO).join('').length
    const insert = now.slice(n, nextN).join('')
    if (remove > 0 || insert !== '') changes.push({ index, remove, insert })
    index += remove + (old[nextO]?.length ?? 0)
    ;[o, n] = [nextO + 1, nextN + 1]
  }
  return changes
}

/** The pairs of places of a longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return pairs
}

/** Whether a place lies between the two halves of one character, such as an emoji: Yjs cannot send a half. */
function cutsCharacter(text: string, at: number): boolean {
  const [left, right] = [text.charCodeAt(at - 1), text.charCodeAt(at)]
  return left >= 0xd800 && left < 0xdc00 && right >= 0xdc00 && right < 0xe000
}
