/**
 * Which of a proofreader's findings to make: those that are surely mistakes. Names, code and words
 * of other languages are not in its dictionary, and are not its business.
 */

export interface Finding {
  kind: string
  problem: string
  /** Offsets in the text. */
  from: number
  to: number
  replacements: { kind: 'replace' | 'remove' | 'insert-after'; text: string }[]
}

/** Matters of taste, not of right and wrong. */
const TASTE = new Set(['Style', 'Readability', 'Enhancement', 'WordChoice', 'Redundancy'])

/** The text with the first replacement of each finding that counts; findings do not overlap. */
export function correct(text: string, findings: readonly Finding[]): string {
  const chosen: Finding[] = []
  for (const finding of findings.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const free = finding.from >= (chosen.at(-1)?.to ?? 0)
    if (free && counts(finding, text)) chosen.push(finding)
  }
  let corrected = ''
  let at = 0
  for (const { from, to, replacements } of chosen) {
    const { kind, text: replacement } = replacements[0]!
    corrected += text.slice(at, kind === 'insert-after' ? to : from)
    if (kind !== 'remove') corrected += replacement
    at = to
  }
  return corrected + text.slice(at)
}

function counts({ kind, problem, from, replacements }: Finding, text: string): boolean {
  const first = replacements[0]
  if (!first || TASTE.has(kind)) return false
  if (kind !== 'Spelling') return true
  const starts = text.slice(0, from).trim() === ''
  // A short word at the beginning may be a name as well.
  const name = /^\p{Lu}/u.test(problem) && (!starts || problem.length < 6)
  const code = /[\p{N}_./@]|\p{Ll}\p{Lu}|^\p{Lu}{2,}$/u.test(problem)
  return !name && !code && distance(problem.toLowerCase(), first.text.toLowerCase()) <= 2
}

/** How many letters must change to make one word the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same))
    }
    row = next
  }
  return row[b.length]!
}
