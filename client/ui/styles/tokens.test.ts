import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Tokens = ReadonlyMap<string, string>

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const light = tokensOf(':root {')
const dark = new Map([...light, ...tokensOf(":root[data-theme='dark'] {")])

/** What is written on what. */
const PAIRS: readonly [text: string, surfaces: readonly string[]][] = [
  ['ink', ['paper', 'desk', 'raised', 'gloss-wash', 'gloss-lit', 'warn-wash', 'bad-wash', 'code']],
  ['ink-2', ['paper', 'desk', 'raised', 'gloss-wash', 'code']],
  ['ink-3', ['paper', 'desk', 'raised', 'gloss-wash']],
  ['gloss', ['paper', 'raised', 'gloss-wash']],
  ['accent', ['paper', 'desk', 'raised']],
  ['accent-ink', ['accent', 'accent-hover']],
  ['good', ['paper', 'raised', 'good-wash']],
  ['bad', ['paper', 'desk', 'raised', 'bad-wash']],
  ['warn', ['desk', 'warn-wash']],
  ['paper', ['gloss', 'ink']],
]

test.each([
  ['light', light],
  ['dark', dark],
])('[V80] every text of the %s page has a contrast of 4.5 to 1 on what it stands on', (_, tokens) => {
  for (const [text, surfaces] of PAIRS) {
    for (const surface of surfaces) {
      const ratio = contrast(tokens.get(text)!, tokens.get(surface)!)
      expect(ratio, `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5)
    }
  }
})

test('[V81] nothing on the page moves for longer than 150 ms', () => {
  expect(Number.parseInt(light.get('quick')!, 10)).toBeLessThanOrEqual(150)
})

function tokensOf(selector: string): Tokens {
  const start = css.indexOf(selector)
  const block = css.slice(start, css.indexOf('\n}', start))
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name!, value!]),
  )
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Relative luminance of an opaque `oklch()`, clipped to sRGB as a browser does it. */
function luminance(color: string): number {
  const parts = /^oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)$/.exec(color)
  if (!parts) throw new Error(`not an opaque oklch colour: ${color}`)
  const [lightness, chroma, hue] = parts.slice(1).map(Number) as [number, number, number]
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness / 100 + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness / 100 - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness / 100 - 0.0894841775 * a - 1.291485548 * b) ** 3
  const clip = (value: number) => Math.min(1, Math.max(0, value))
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
