/**
 * Worker plays histories in a process of its own, where time and chance are its own: those of some
 * seeds, a line of JSON for each, or bursts of typing; or scripts again, step by step; or a seed's,
 * made shorter.
 */
import '#server/testing/history/world/determinism.ts'
import { readFileSync, writeSync } from 'node:fs'
import type { FaultKind } from '#server/testing/history/judging/account.ts'
import type { Script } from './script.ts'

// Editors run the Lexical that a browser runs. Its development build also throws where a selection is
// out of date for a moment within a deletion over two lines, of which nothing comes on a page.
if (process.env.NODE_ENV !== 'development') process.env.NODE_ENV = 'production'

const { generate } = await import('./generate.ts')
const { play } = await import('./play.ts')
const { stepText } = await import('./script.ts')
const { generateBurst } = await import('./bursts/generate.ts')
const { playBurst } = await import('./bursts/play.ts')
const { gravest, shrink } = await import('./shrink.ts')

const say = (line: string): void => void writeSync(1, `${line}\n`)
const [task, ...given] = process.argv.slice(2)

switch (task) {
  case 'play': {
    const [from = 1, count = 1, stride = 1, steps = 40] = given.map(Number)
    for (let n = 0; n < count; n++) {
      const seed = from + n * stride
      say(JSON.stringify({ seed, ...(await play(generate(seed, { steps }))) }))
    }
    break
  }
  case 'bursts':
    for (const seed of given.map(Number)) {
      say(JSON.stringify({ seed, ...(await playBurst(generateBurst(seed))) }))
    }
    break
  case 'shrink':
    await shorten(Number(given[0]), Number(given[1]), given[2] as FaultKind | undefined)
    break
  case 'replay':
    for (const script of [
      JSON.parse(readFileSync(given[0] ?? 0, 'utf8')) as Script | Script[],
    ].flat()) {
      await tell(script)
    }
    break
  case 'tell':
    await tell(generate(Number(given[0]), { steps: Number(given[1] ?? 40) }))
    break
}
process.exit(0)

async function shorten(seed: number, steps: number, wanted: FaultKind | undefined): Promise<void> {
  const script = generate(seed, { steps })
  const { faults } = await play(script)
  const kind = wanted ?? gravest(faults.map((fault) => fault.kind))
  if (!kind) return say(`seed ${seed} has no fault`)
  let shortest = script
  const fails = async (shorter: Script) => {
    const fails = (await play(shorter, { until: kind })).faults.some((fault) => fault.kind === kind)
    if (fails) shortest = shorter
    return fails
  }
  // Whoever does not wait for the shortest gets what is found by then.
  process.on('SIGTERM', () => {
    say(JSON.stringify(shortest))
    process.exit(0)
  })
  shortest = await shrink(script, { fails, tries: 250 })
  say(`seed ${seed}: ${kind}`)
  await tell(shortest)
}

async function tell(script: Script): Promise<void> {
  const { markdown, people, instances, calm } = script
  say(
    `${JSON.stringify(markdown)}, ${people} people, ${instances} instances${calm ? ', calm' : ''}`,
  )
  for (const [n, step] of script.steps.entries()) say(`${n} ${stepText(step)}`)
  say('—')
  const { faults } = await play(script, { onStep: say })
  for (const { kind, what } of faults) say(`✘ ${kind}: ${what}`)
  say(JSON.stringify(script))
}
