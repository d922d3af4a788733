import { expect, test } from 'vitest'
import { BUGS, type Bug, simulate } from '#server/testing/simulation.ts'

/** How many worlds; each is a seed, so that a bad one can be had again. */
const RUNS = Number(process.env.SIM_RUNS ?? 300)

test(`[C20] in ${RUNS} worlds of bad luck every promise is kept`, () => {
  let promises = 0
  const ends = new Set<string | undefined>()
  for (let seed = 1; seed <= RUNS; seed++) {
    const { broken, run, interrupted, ...counts } = simulate(seed)

    expect(broken, `seed ${seed}`).toEqual([])
    promises += counts.promises
    ends.add(run)
    if (interrupted) ends.add('interrupted')
  }

  // Quiet worlds would prove nothing.
  expect(promises / RUNS).toBeGreaterThan(100)
  expect(ends).toContain('accepted')
  expect(ends).toContain('rejected')
  expect(ends).toContain('interrupted')
}, 120_000)

test('[C21] the same seed is the same world', () => {
  expect(simulate(7)).toEqual(simulate(7))
  expect(simulate(7)).not.toEqual(simulate(8))
})

const RULES: Record<Bug, string> = {
  'ack-by-state-vector': 'C22',
  'ack-before-commit': 'C23',
  'ack-of-any-connection': 'C24',
  'hints-without-log': 'C25',
  'reject-by-mark': 'C26',
  'run-without-fence': 'C27',
}

test.each(BUGS.map((bug) => [RULES[bug], bug] as const))(
  '[%s] the simulation catches the planted bug: %s',
  (_rule, bug) => {
    const found = firstBad(bug)

    expect(found, `no bad world within ${RUNS} seeds`).toBeDefined()
    process.stdout.write(`${bug}: seed ${found?.seed}, ${found?.broken.join(', ')}\n`)
  },
  120_000,
)

function firstBad(bug: Bug): { seed: number; broken: string[] } | undefined {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { broken } = simulate(seed, bug)
    if (broken.length > 0) return { seed, broken }
  }
  return undefined
}
