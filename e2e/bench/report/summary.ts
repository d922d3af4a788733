/** Medians and ranges of several rounds, and how they compare with the relay's. */
import type { Result } from '#e2e/bench/run.ts'
import type { ServerName } from '#e2e/bench/servers/server.ts'

export interface Spread {
  median: number
  min: number
  max: number
}

/** Undefined where there is no number. Of an even count the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const min = sorted[0]
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) return undefined
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  const median = sorted.length % 2 ? upper : ((sorted[middle - 1] as number) + upper) / 2
  return { median, min, max }
}

/** All results of a run, asked for by scenario, server and metric. */
export class Summary {
  readonly results: readonly Result[]

  constructor(results: readonly Result[]) {
    this.results = results
  }

  of(scenario: string, server: ServerName): Result[] {
    return this.results.filter((it) => it.scenario === scenario && it.server === server)
  }

  spread(scenario: string, server: ServerName, key: string): Spread | undefined {
    const values = this.of(scenario, server).map(({ metrics }) => metrics?.[key])
    return spreadOf(values.filter((value) => typeof value === 'number'))
  }

  median(scenario: string, server: ServerName, key: string): number | undefined {
    return this.spread(scenario, server, key)?.median
  }

  /** The median against another server's; undefined where one of the two is missing or 0. */
  ratio(
    scenario: string,
    server: ServerName,
    key: string,
    to: ServerName = 'raw',
  ): number | undefined {
    const own = this.median(scenario, server, key)
    const other = this.median(scenario, to, key)
    return own === undefined || !other ? undefined : own / other
  }
}
