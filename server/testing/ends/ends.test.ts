/**
 * This test ends runs in each way at each place, and decides what they left. The table of docs/ends.md
 * is what it sees.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PLACES } from './places.ts'
import { END_NAMES, type End, playEnd } from './play-end.ts'

/** The rows of the page's table by their first cell. */
function promised(): Record<string, string[]> {
  const page = readFileSync(new URL('../../../docs/ends.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('|'))
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return Object.fromEntries(cells.map(([name, ...rest]) => [name ?? '', rest]))
}

test('[G40] the page names the places that are tried', () => {
  expect(promised()['']).toEqual(PLACES.map(({ name }) => name))
})

test.each(
  Object.entries(END_NAMES) as [End, string][],
)('[G40] a run that ends by %s leaves what the page says: rejecting gives the text exactly as it was, accepting whole parts in their order', async (end, name) => {
  const seen = await Promise.all(
    PLACES.map(async (place) => {
      // In the first part, and near the end.
      const ends = await Promise.all([0.25, 0.9].map((share) => playEnd(place, end, share)))
      for (const { before, without, rejected } of ends) {
        expect([without, rejected], `${place.name}: ${end}`).toEqual([before, before])
      }
      for (const { accepted, said } of ends) expect(accepted, place.name).toBe(said)
      return place.wordsFor(
        ends.map((one) => one.words),
        end === 'rejection',
      )
    }),
  )
  expect(seen).toEqual(promised()[name])
})
