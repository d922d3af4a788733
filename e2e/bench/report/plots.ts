/** The plots of RESULTS.md: what stands in which, and under which file name. */
import type { ServerName } from '#e2e/bench/servers/server.ts'
import type { Plot } from './plot.ts'
import type { Summary } from './summary.ts'

interface Drawn extends Omit<Plot, 'series' | 'groups'> {
  file: string
  key: string
  /** The scenarios, with what the reader calls them. */
  scenarios: Readonly<Record<string, string>>
  /** Left out: all that hold documents. */
  servers?: readonly ServerName[]
}

const SERVERS: readonly ServerName[] = ['raw', 'yws', 'yws+leveldb', 'hocuspocus', 'gloss']
const sizes =
  (...counts: number[]) =>
  (letter: string) =>
    Object.fromEntries(counts.map((count) => [`${letter}${count}`, `${count} in the room`]))

const PLOTS: readonly Drawn[] = [
  {
    file: 'fan-out-cpu',
    title: 'Paced typing: CPU per 1,000 deliveries',
    axis: 'CPU ms',
    key: 'cpu',
    scenarios: sizes(10, 50, 100, 200)('A'),
  },
  {
    file: 'fan-out-p99',
    title: 'Paced typing: 99 % of edits are with the others within',
    axis: 'ms',
    key: 'p99',
    scenarios: sizes(10, 50, 100, 200)('A'),
    logarithmic: true,
  },
  {
    file: 'saturated',
    title: 'As fast as it goes: deliveries per second',
    axis: 'delivered / s',
    key: 'delivered',
    scenarios: sizes(10, 50, 200)('S'),
  },
  {
    file: 'saturated-cpu',
    title: 'As fast as it goes: CPU per 1,000 deliveries',
    axis: 'CPU ms',
    key: 'cpu',
    scenarios: sizes(10, 50, 200)('S'),
  },
  {
    file: 'connect-memory',
    title: 'Idle connections: memory each',
    axis: 'KB',
    key: 'kb',
    scenarios: { C1k: '1,000', C5k: '5,000', C10k: '10,000' },
  },
  {
    file: 'connect-cpu',
    title: 'Opening a connection: CPU each',
    axis: 'CPU ms',
    key: 'cpu',
    scenarios: { C1k: '1,000', C5k: '5,000', C10k: '10,000' },
  },
  {
    file: 'join-cpu',
    title: 'Opening a large document: CPU a join',
    axis: 'CPU ms',
    key: 'cpu',
    scenarios: { D1: '260,000 edits', D8: '2,080,000 edits' },
    logarithmic: true,
  },
  {
    file: 'join-restart',
    title: 'The first to open a large document after a restart',
    axis: 'ms',
    key: 'restartContent',
    scenarios: { D1: '260,000 edits', D8: '2,080,000 edits' },
    logarithmic: true,
  },
  {
    file: 'paused-reader',
    title: 'One of ten does not read: how long the others wait (p50)',
    axis: 'ms',
    key: 'p50',
    scenarios: { G: '2.6 MB a second to each' },
    logarithmic: true,
  },
  {
    file: 'many-rooms',
    title: 'Many rooms: CPU per 1,000 deliveries',
    axis: 'CPU ms',
    key: 'cpu',
    scenarios: { B: '500 rooms of two' },
  },
  {
    file: 'storm',
    title: '500 clients come back at once: until everybody has everything',
    axis: 'ms',
    key: 'converged',
    scenarios: { E: 'the connection was lost', Er: 'the server restarted' },
  },
  {
    file: 'lane-p99',
    title: 'From the model to 1,000 readers of the lane: 99 % of tokens within',
    axis: 'ms',
    key: 'p99',
    scenarios: { SSE: '50 tokens a second' },
    servers: ['sse', 'gloss'],
  },
]

/** Those of which something was measured. */
export function plotsOf(summary: Summary): (Plot & { file: string })[] {
  return PLOTS.flatMap(({ key, scenarios, servers = SERVERS, ...plot }) => {
    const names = Object.keys(scenarios).filter((name) =>
      servers.some((server) => summary.median(name, server, key) !== undefined),
    )
    if (names.length === 0) return []
    const series = servers.map((name) => ({
      name,
      color: Math.max(0, SERVERS.indexOf(name)),
      values: names.map((scenario) => summary.median(scenario, name, key)),
    }))
    return [{ ...plot, groups: names.map((name) => scenarios[name] ?? name), series }]
  })
}
