/** Friendly names and colours for guests. Never violet: that is the co-pilot's alone. */
import { randomInt } from 'node:crypto'

const FIRST =
  'Amber Brisk Calm Clever Dapper Eager Fern Gentle Honest Jolly Keen Lively Mellow Nimble Patient Quiet Rosy Sunny Tidy Wry'
const LAST =
  'Badger Crane Dormouse Finch Hare Heron Ibis Jay Kestrel Lark Marten Newt Otter Plover Quail Robin Swift Tern Vole Wren'

export const GUEST_COLORS = [
  '#1f6fb2',
  '#b3541e',
  '#1d7a5a',
  '#a3345f',
  '#7a6a12',
  '#2b6f77',
  '#94402f',
  '#3f6b2a',
]

export const friendlyName = (): string => `${pick(FIRST.split(' '))} ${pick(LAST.split(' '))}`
export const friendlyColor = (): string => pick(GUEST_COLORS)

const pick = (from: readonly string[]): string => from[randomInt(from.length)]!
