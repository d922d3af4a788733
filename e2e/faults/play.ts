/** Plays one scenario to its end, whatever happens in it. */
import type { Evidence } from './evidence.ts'
import { Impossible, type Scenario, Stage, type StageOptions } from './stage.ts'

export interface Played {
  scenario: Scenario
  evidence: Evidence
  verdict: 'holds' | 'BROKEN' | 'IMPOSSIBLE'
  /** Why it does not hold, a line each. */
  reasons: string[]
  seconds: number
}

export async function play(scenario: Scenario, options: StageOptions): Promise<Played> {
  const begin = performance.now()
  const stage = new Stage(scenario.id, options)
  const { evidence } = stage
  let impossible: string | undefined
  try {
    await scenario.play(stage)
  } catch (error) {
    if (error instanceof Impossible) impossible = error.message
    else evidence.failures.push(`it broke off: ${whyOf(error)}`)
  }
  await stage[Symbol.asyncDispose]()
  const reasons = [
    ...(impossible ? [`this machine cannot: ${impossible}`] : []),
    ...evidence.failures,
    ...evidence.broken.flatMap(([name, lines]) => lines.map((line) => `${name}: ${line}`)),
  ]
  return {
    scenario,
    evidence,
    verdict: impossible ? 'IMPOSSIBLE' : evidence.holds ? 'holds' : 'BROKEN',
    reasons,
    seconds: (performance.now() - begin) / 1000,
  }
}

/** Enough of it to find the place. */
const whyOf = (error: unknown): string =>
  (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 700)
