/** When something was, or will be gone, in the few words a list has room for. */
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const thisYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const otherYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })

export function whenWords(at: number, now: number): string {
  const age = now - at
  if (age < MINUTE) return 'just now'
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute')
  if (age < DAY) return relative.format(-Math.floor(age / HOUR), 'hour')
  if (age < 7 * DAY) return relative.format(-Math.floor(age / DAY), 'day')
  const same = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (same ? thisYear : otherYear).format(at)
}

/** How long something is still kept. Rather too short than too long: nobody comes too late by it. */
export function goneWords(at: number, now: number): string {
  // The server's clock and this one are not the same, and what was deleted just now has all its time.
  const left = at - now + 5 * MINUTE
  if (left < HOUR) return 'Gone for good within the hour'
  const [count, unit] =
    left < DAY ? ([left / HOUR, 'hour'] as const) : ([left / DAY, 'day'] as const)
  const whole = Math.floor(count)
  return `Gone for good in ${whole} ${unit}${whole === 1 ? '' : 's'}`
}
