/** A scenario's results as a markdown table: median (min–max) and, in bold, the ratio to the relay. */
import type { Column, Scenario } from '#e2e/bench/scenarios/scenario.ts'
import type { ServerName } from '#e2e/bench/servers/server.ts'
import type { Summary } from './summary.ts'

export function tableOf(scenario: Scenario, summary: Summary): string {
  const { name, columns, does } = scenario
  const rows = scenario.servers
    .filter((server) => summary.of(name, server).length > 0)
    .map((server) => {
      const results = summary.of(name, server)
      const good = results.filter(({ metrics }) => metrics)
      const failed = results.find(({ failed }) => failed !== undefined)?.failed
      if (good.length === 0) return `| ${server} | 0 | failed: ${failed?.split('\n')[0]} |`
      const cells = columns.map((column) => cellOf(scenario, column, server, summary))
      const mark = failed === undefined ? '' : `, ${results.length - good.length} failed`
      return `| ${server} | ${good.length}${mark} | ${cells.join(' | ')} |`
    })
  const titles = ['server', 'n', ...columns.map(({ title }) => title)]
  const head = `| ${titles.join(' | ')} |\n|${'---|'.repeat(titles.length)}`
  return [`### ${name}`, '', `${does}.`, '', head, ...rows, ''].join('\n')
}

function cellOf(
  { name, baseline = 'raw' }: Scenario,
  { key, ratio }: Column,
  server: ServerName,
  summary: Summary,
): string {
  const spread = summary.spread(name, server, key)
  if (!spread) {
    const value = summary.of(name, server).find(({ metrics }) => metrics)?.metrics?.[key]
    return typeof value === 'boolean' ? (value ? 'yes' : 'no') : '–'
  }
  const { median, min, max } = spread
  const range = min === max ? '' : ` (${shown(min)}–${shown(max)})`
  const to = ratio && server !== baseline ? summary.ratio(name, server, key, baseline) : undefined
  return `${shown(median)}${range}${to === undefined ? '' : ` **${shown(to)}×**`}`
}

/** A number as people read it: three digits that matter, thousands apart. */
export function shown(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-GB')
  return String(Number(value.toPrecision(3)))
}
