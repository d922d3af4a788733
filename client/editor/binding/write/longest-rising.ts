/**
 * longestRising keeps the most numbers that rise from left to right, and makes the others undefined: of children
 * that have changed places the fewest are moved.
 */
export function longestRising(numbers: readonly (number | undefined)[]): (number | undefined)[] {
  if (rises(numbers)) return [...numbers]
  /** For each length the place at which a rising row of this length ends with the least number. */
  const ends: number[] = []
  const before = new Map<number, number | undefined>()
  for (const [at, number] of numbers.entries()) {
    if (number === undefined) continue
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (numbers[ends[middle]!]! < number) low = middle + 1
      else high = middle
    }
    before.set(at, ends[low - 1])
    ends[low] = at
  }
  const kept: (number | undefined)[] = numbers.map(() => undefined)
  for (let at = ends.at(-1); at !== undefined; at = before.get(at)) kept[at] = numbers[at]
  return kept
}

function rises(numbers: readonly (number | undefined)[]): boolean {
  let last = -1
  for (const number of numbers) {
    if (number === undefined) continue
    if (number <= last) return false
    last = number
  }
  return true
}
