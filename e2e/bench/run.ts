/** Runs the trials: round by round, the servers of a scenario one after the other in each. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Metrics, Scenario } from './scenarios/scenario.ts'
import type { ServerName } from './servers/server.ts'

const TRIAL = fileURLToPath(new URL('trial.ts', import.meta.url))
/** No trial takes nearly as long. */
const TRIAL_MS = 240_000
/** To end its server. */
const ENDING_MS = 2_000

export interface Result {
  scenario: string
  server: ServerName
  round: number
  metrics?: Metrics
  failed?: string
}

export interface RunOptions {
  servers: readonly ServerName[]
  rounds: number
  quick: boolean
  report(result: Result, seconds: number): void
}

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Result[]> {
  const { servers, rounds, quick, report } = options
  const results: Result[] = []
  for (let round = 1; round <= rounds; round++) {
    for (const server of scenario.servers.filter((name) => servers.includes(name))) {
      const begin = performance.now()
      const answer = await trial(scenario.name, server, quick)
      const result: Result = { scenario: scenario.name, server, round, ...answer }
      results.push(result)
      report(result, (performance.now() - begin) / 1000)
    }
  }
  return results
}

/** What a trial tells. */
export type Answer = Pick<Result, 'metrics' | 'failed'>

function trial(scenario: string, server: ServerName, quick: boolean): Promise<Answer> {
  const child = fork(TRIAL, [scenario, server, quick ? 'quick' : 'whole'], {
    execArgv: ['--max-semi-space-size=64'],
  })
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.disconnect()
      setTimeout(() => child.kill('SIGKILL'), ENDING_MS).unref()
      resolve({ failed: `took longer than ${TRIAL_MS / 1000} s` })
    }, TRIAL_MS)
    let answer: Answer | undefined
    child.on('message', (message) => {
      answer = message as Answer
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(answer ?? { failed: `ended with ${code}` })
    })
  })
}
