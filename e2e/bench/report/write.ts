/** Writes RESULTS.md, the plots and the raw figures into a folder. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Result } from '#e2e/bench/run.ts'
import type { Scenario } from '#e2e/bench/scenarios/scenario.ts'
import { PEERS } from '#e2e/bench/servers/peers.ts'
import { figuresTable } from './figures.ts'
import { drawPlot } from './plot.ts'
import { plotsOf } from './plots.ts'
import { Summary } from './summary.ts'
import { tableOf } from './table.ts'

export interface Written {
  folder: string
  command: string
  minutes: number
  scenarios: readonly Scenario[]
  results: readonly Result[]
  /** What went otherwise than meant, a line each. */
  notes: readonly string[]
}

export function writeResults({ folder, scenarios, results, ...told }: Written): void {
  const { command, minutes, notes } = told
  const summary = new Summary(results)
  const facts = { ...machine(), command, minutes: Number(minutes.toFixed(1)) }
  const plots = plotsOf(summary)
  rmSync(join(folder, 'plots'), { recursive: true, force: true })
  mkdirSync(join(folder, 'plots'), { recursive: true })
  for (const plot of plots) {
    writeFileSync(join(folder, 'plots', `${plot.file}.svg`), drawPlot(plot))
  }
  writeFileSync(
    join(folder, 'results.json'),
    `${JSON.stringify({ ...facts, results }, undefined, 2)}\n`,
  )
  const measured = scenarios.filter(({ name }) => results.some((it) => it.scenario === name))
  const text = [
    '# What the bench found',
    '',
    'Written by `npm run bench`; how it measures is in README.md, the raw figures are in results.json.',
    '',
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    ...notes.map((note) => `- ${note}`),
    '',
    '## Figures to reach',
    '',
    'Medians of this run. Where the target is a ratio, the relay (or the bare SSE writer) is 1.',
    '',
    figuresTable(summary),
    '',
    '## Plots',
    '',
    ...plots.map(({ file, title }) => `![${title}](plots/${file}.svg)`),
    '',
    '## Tables',
    '',
    'Median (smallest–largest) **ratio to the relay**.',
    '',
    ...measured.map((scenario) => tableOf(scenario, summary)),
  ].join('\n')
  writeFileSync(join(folder, 'RESULTS.md'), text)
}

function machine() {
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: PEERS, encoding: 'utf8' }).stdout.trim()
  const changed = git('status', '--porcelain', '--', ':/server', ':/shared') !== ''
  return {
    date: new Date().toISOString(),
    commit: `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`,
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`,
    node: process.version,
    peers: peerVersions(),
  }
}

function peerVersions(): string {
  const names = ['@y/websocket-server', 'y-leveldb', '@hocuspocus/server', 'yjs', 'ws']
  const lock = JSON.parse(readFileSync(join(PEERS, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>
  }
  return names.map((name) => `${name} ${lock.packages[`node_modules/${name}`]?.version}`).join(', ')
}
