/** How a person is drawn: letters for a name, and an ink that can be read on their colour. */

/** One or two letters: "Ada Lovelace" is AL. Whole characters, whatever the script. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  const text = letters.map((word) => (word ? [...word][0] : '')).join('')
  return text.toUpperCase() || '?'
}

/** What a person may choose from: apart from each other, and none of them the co-pilot's violet. */
export const PERSON_COLORS: readonly string[] = [
  '#1d6fd1',
  '#0f7f74',
  '#2f7d32',
  '#8a6a00',
  '#b4540a',
  '#c2334d',
  '#a8327e',
  '#51606e',
]

const WHITE = '#ffffff'
const BLACK = '#16161d'

/** White or black, whichever has more contrast on `#rrggbb`. */
export function inkOn(color: string): string {
  return contrastOf(WHITE, color) >= contrastOf(BLACK, color) ? WHITE : BLACK
}

/** The contrast ratio of WCAG 2 between two colours `#rrggbb`. */
export function contrastOf(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Relative luminance of WCAG 2. */
function luminance(color: string): number {
  const parts = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  const [red = 0, green = 0, blue = 0] = parts
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
