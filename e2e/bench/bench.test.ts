/** The bench itself, run for a moment: it must work on the day on which somebody needs a figure. */
import { expect, test } from 'vitest'
import { Crowd } from './crowd.ts'
import { FIGURES, figuresTable, verdictOf } from './report/figures.ts'
import { drawPlot, linearAxis, logarithmicAxis } from './report/plot.ts'
import { Summary, spreadOf } from './report/summary.ts'
import { tableOf } from './report/table.ts'
import type { Result } from './run.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { startGloss } from './servers/gloss.ts'
import { cpuMs, openWindow, residentBytes } from './usage.ts'

test('[C55] a moment of the bench delivers every edit to everybody, and counts what it cost', async () => {
  const server = await startGloss()
  try {
    const [room = ''] = await server.rooms(1)
    const crowd = await Crowd.gather({ size: 6, typists: 2, place: (n) => server.place(room, n) })
    const close = openWindow(server.pid)
    await crowd.pace(100, 200)
    await crowd.saturate(16, 200)
    const missing = await crowd.settle(5_000)
    const { ms } = close()

    expect(missing).toBe(0)
    expect(crowd.delivered).toBe(crowd.sent * 5)
    expect(crowd.sent).toBeGreaterThan(16)
    expect(crowd.latency.count).toBe(crowd.delivered)
    expect(crowd.latency.quantile(0.5)).toBeGreaterThan(0)
    expect(crowd.latency.quantile(1)).toBeLessThan(ms)
    expect(cpuMs(server.pid)).toBeGreaterThan(0)
    expect(residentBytes(server.pid)).toBeGreaterThan(10 << 20)
    crowd.leave()
  } finally {
    await server.dispose()
  }
})

test('[C60] the report tells the median, the range, the ratio to the relay and the verdict', () => {
  const result = (server: 'raw' | 'gloss', round: number, cpu: number): Result => ({
    scenario: 'A50',
    server,
    round,
    metrics: { cpu, p99: 2, gaps: 0 },
  })
  const summary = new Summary([
    result('raw', 1, 10),
    result('raw', 2, 12),
    result('raw', 3, 8),
    result('gloss', 1, 13),
    { scenario: 'A50', server: 'gloss', round: 2, failed: 'no luck\nat all' },
  ])
  const scenario = SCENARIOS.find(({ name }) => name === 'A50')!
  const table = tableOf(scenario, summary)
  const cpu = FIGURES.find((figure) => figure.scenario === 'A50' && figure.key === 'cpu')!

  expect(spreadOf([3, 1, 2, 10])).toEqual({ median: 2.5, min: 1, max: 10 })
  expect(table).toContain('10 (8–12)')
  expect(table).toContain('13 **1.3×**')
  expect(table).toContain('| gloss | 1, 1 failed |')
  expect(figuresTable(summary)).toMatch(
    /50 in a room \| 1 \| .* \| ≤ 1\.3 \| \*\*1\.3\*\* \| reached/,
  )
  expect(verdictOf(cpu, 1.31)).toMatch(/missed/)
  expect(verdictOf(cpu, undefined)).toBe('not measured')
  for (const { scenario, key } of FIGURES) {
    const columns = SCENARIOS.find(({ name }) => name === scenario)?.columns.map((it) => it.key)
    expect(columns, `${scenario} ${key}`).toContain(key)
  }
  expect(linearAxis([0, 87]).ticks).toEqual([0, 20, 40, 60, 80, 100])
  expect(logarithmicAxis([0.3, 1_200]).ticks).toEqual([0.1, 1, 10, 100, 1_000, 10_000])
  const svg = drawPlot({
    title: 'Time & <money>',
    axis: 'ms',
    groups: ['a', 'b'],
    series: [{ name: 'gloss', values: [1, undefined] }],
  })
  expect(svg.match(/<rect class="s0"/g)).toHaveLength(2)
  expect(svg).toContain('Time &#38; &#60;money&#62;')
  expect(svg).toContain('prefers-color-scheme:dark')
})
