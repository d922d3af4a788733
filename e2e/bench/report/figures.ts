/** The figures that Gloss means to reach, each against what was measured in the same run. */
import type { ServerName } from '#e2e/bench/servers/server.ts'
import type { Summary } from './summary.ts'
import { shown } from './table.ts'

export interface Figure {
  work: string
  what: string
  scenario: string
  key: string
  /** The server whose median is 1; left out, the figure stands for itself. */
  to?: ServerName
  target: number
  /** Whether the target is the least that will do; else it is the most. */
  atLeast?: true
}

const paced = 'fan-out, paced typing'
const saturated = 'saturated, 50 in a room'
const connect = '5,000 connections'
const large = 'large document (260,000 edits)'
const larger = 'the same × 8, 50 joins at once'
const pausing = 'a paused reader while 39 MB stream'
const lane = '1,000 SSE subscribers'

export const FIGURES: readonly Figure[] = [
  figure(paced, 'CPU per delivery, 50 in a room', 'A50 cpu', 1.3, 'raw'),
  figure(paced, 'CPU per delivery, 200 in a room', 'A200 cpu', 1.3, 'raw'),
  figure(paced, 'p99 latency, 50 in a room', 'A50 p99', 1.2, 'raw'),
  figure(paced, 'p99 latency, 100 in a room', 'A100 p99', 1.2, 'raw'),
  figure(paced, 'p99 latency, 200 in a room', 'A200 p99', 1.2, 'raw'),
  figure(saturated, 'CPU per delivery', 'S50 cpu', 0.12, 'raw'),
  { ...figure(saturated, 'deliveries per second', 'S50 delivered', 3.2, 'raw'), atLeast: true },
  figure('500 rooms × 2', 'CPU per delivery', 'B cpu', 2, 'raw'),
  figure(connect, 'CPU a connection', 'C5k cpu', 1.6, 'raw'),
  figure(connect, 'memory a connection', 'C5k kb', 1.2, 'raw'),
  { ...figure('10,000 idle connections', 'alive', 'C10k alive', 10_000), atLeast: true },
  figure(large, 'CPU a join, ms', 'D1 cpu', 0.4),
  figure(large, 'first join after a restart, ms', 'D1 restartContent', 20),
  figure(larger, 'until all are in, ms', 'D8 fifty', 1_200),
  figure(larger, 'CPU a join, ms', 'D8 cpu', 1),
  figure(pausing, 'p50 of the others, ms', 'G p50', 0.3),
  figure(pausing, 'memory, MB', 'G growth', 40),
  figure('kill -9, writer gone', 'acknowledged edits lost', 'F lost', 0),
  figure(lane, 'token to subscriber p99, ms', 'SSE p99', 100),
  figure(lane, 'CPU, a bare SSE writer = 1', 'SSE cpu', 1.5, 'sse'),
]

function figure(
  work: string,
  what: string,
  place: string,
  target: number,
  to?: ServerName,
): Figure {
  const [scenario = '', key = ''] = place.split(' ')
  return { work, what, scenario, key, target, ...(to && { to }) }
}

const OTHERS: readonly ServerName[] = ['raw', 'yws', 'yws+leveldb', 'hocuspocus']

/** One line each: what the others need, what was aimed at, what was reached, the verdict. */
export function figuresTable(summary: Summary): string {
  const head = ['work', 'figure', ...OTHERS, 'target', '**Gloss**', 'verdict']
  const rows = FIGURES.map((it) => {
    const sign = it.atLeast ? '≥' : '≤'
    const gloss = measuredOf(it, 'gloss', summary)
    const cells = [
      it.work,
      it.what,
      ...OTHERS.map((server) => cell(measuredOf(it, server, summary))),
      it.target === 0 ? '0' : `${sign} ${shown(it.target)}`,
      `**${cell(gloss)}**`,
      verdictOf(it, gloss),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows].join('\n')
}

export function measuredOf(
  { scenario, key, to }: Figure,
  server: ServerName,
  summary: Summary,
): number | undefined {
  return to ? summary.ratio(scenario, server, key, to) : summary.median(scenario, server, key)
}

/** `reached`, or by how much it is missed. */
export function verdictOf({ target, atLeast }: Figure, value: number | undefined): string {
  if (value === undefined) return 'not measured'
  if (atLeast ? value >= target : value <= target) return 'reached'
  if (target === 0) return `missed by ${shown(value)}`
  return `missed: ${shown(value / target)} × the target`
}

const cell = (value: number | undefined): string => (value === undefined ? '–' : shown(value))
