/** Our own small SVG writer: grouped bars, legible on a light page and on a dark one. */
import { shown } from './table.ts'

export interface Series {
  name: string
  /** Which colour; 0 to 4, its place where none is named. */
  color?: number
  /** One for each group; undefined where nothing was measured. */
  values: readonly (number | undefined)[]
}

export interface Plot {
  title: string
  /** What the vertical axis counts. */
  axis: string
  groups: readonly string[]
  series: readonly Series[]
  /** Each line of the axis ten times the one below: where values lie that far apart. */
  logarithmic?: boolean
}

const WIDTH = 860
const HEIGHT = 380
const LEFT = 84
const RIGHT = 16
const TOP = 66
const BOTTOM = 44
const PLOT_WIDTH = WIDTH - LEFT - RIGHT
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM

/** Light and dark, in the order of the series. */
const COLORS = [
  ['#8a8f98', '#9aa1ab'],
  ['#4c8dd6', '#6aa5ea'],
  ['#1f5b9e', '#3f7fc9'],
  ['#c98a1b', '#e0a63e'],
  ['#b5348f', '#e469bd'],
]

const rule = (dark: 0 | 1) => COLORS.map((pair, n) => `.s${n}{fill:${pair[dark]}}`).join('')
const STYLE = `text{font:12px system-ui,sans-serif;fill:#2b2f36}.title{font-size:15px;font-weight:600}
.page{fill:#fff}.line{stroke:#d9dce1}.value{font-size:9px;text-anchor:middle}
.end{text-anchor:end}.middle{text-anchor:middle}${rule(0)}
@media(prefers-color-scheme:dark){text{fill:#d8dce3}.page{fill:#15171b}.line{stroke:#3a3f47}${rule(1)}}`

/** A whole SVG document. */
export function drawPlot(plot: Plot): string {
  const values = plot.series
    .flatMap((series) => series.values)
    .filter((value) => value !== undefined)
  const axis = plot.logarithmic ? logarithmicAxis(values) : linearAxis(values)
  const y = (value: number) => TOP + PLOT_HEIGHT * (1 - axis.share(value))
  const lines = axis.ticks.map(
    (tick) =>
      `<line class="line" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(tick))}" y2="${at(y(tick))}"/>` +
      `<text class="end" x="${LEFT - 8}" y="${at(y(tick) + 4)}">${shown(tick)}</text>`,
  )
  const { title } = plot
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${LEFT}" y="24">${escaped(title)}</text>`,
    `<text class="middle" transform="translate(16 ${TOP + PLOT_HEIGHT / 2}) rotate(-90)">${escaped(plot.axis)}</text>`,
    ...legend(plot.series),
    ...lines,
    ...bars(plot, y),
    '</svg>',
    '',
  ].join('\n')
}

function bars({ groups, series }: Plot, y: (value: number) => number): string[] {
  const groupWidth = PLOT_WIDTH / groups.length
  const width = Math.min(34, (groupWidth * 0.86) / series.length)
  return groups.flatMap((group, g) => {
    const middle = LEFT + groupWidth * (g + 0.5)
    const start = middle - (width * series.length) / 2
    const columns = series.map(({ name, values, color }, n) => {
      const value = values[g]
      if (value === undefined) return ''
      const x = start + n * width
      const top = Math.min(y(value), TOP + PLOT_HEIGHT - 1)
      const tip = `<title>${escaped(`${group}, ${name}: ${shown(value)}`)}</title>`
      return (
        `<rect class="s${color ?? n}" x="${at(x + 1)}" y="${at(top)}" width="${at(width - 2)}" height="${at(TOP + PLOT_HEIGHT - top)}">${tip}</rect>` +
        `<text class="value" x="${at(x + width / 2)}" y="${at(top - 4)}">${short(value)}</text>`
      )
    })
    const label = `<text class="middle" x="${at(middle)}" y="${HEIGHT - BOTTOM + 22}">${escaped(group)}</text>`
    return [...columns, label]
  })
}

function legend(series: readonly Series[]): string[] {
  let x = LEFT
  return series.map(({ name, color }, n) => {
    const place = x
    x += 34 + name.length * 7
    return `<rect class="s${color ?? n}" x="${place}" y="36" width="12" height="12"/><text x="${place + 17}" y="46">${escaped(name)}</text>`
  })
}

interface Axis {
  ticks: number[]
  /** From 0 at the foot to 1 at the top. */
  share(value: number): number
}

export function linearAxis(values: readonly number[]): Axis {
  const most = Math.max(...values, 0) * 1.08 || 1
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((by) => by * power >= rough) ?? 10)
  const top = Math.ceil(most / step) * step
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, n) => n * step)
  return { ticks, share: (value) => value / top }
}

/** Values of 0 stand at its foot. */
export function logarithmicAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0)
  const [least, most] = positive.length ? [Math.min(...positive), Math.max(...positive)] : [1, 1]
  // The smallest is a bar too.
  const low = Math.floor(Math.log10(least / 1.5))
  const high = Math.max(low + 1, Math.ceil(Math.log10(most * 1.2)))
  const ticks = Array.from({ length: high - low + 1 }, (_, n) => 10 ** (low + n))
  const share = (value: number) => (value > 0 ? (Math.log10(value) - low) / (high - low) : 0)
  return { ticks, share: (value) => Math.max(0, share(value)) }
}

const at = (value: number): string => String(Math.round(value * 10) / 10)

/** A value over a narrow bar. */
function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(2))}M`
  if (value >= 10_000) return `${Math.round(value / 1000)}k`
  return shown(Number(value.toPrecision(value >= 100 ? 3 : 2)))
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
