/** What is looked at when something does not connect, and what may be found. */

export const CHECKS = [
  'address',
  'socket',
  'stream',
  'patience',
  'requests',
  'body',
  'http',
  'clock',
  'storage',
] as const
export type CheckId = (typeof CHECKS)[number]

/** Something that is written into a proxy's configuration. */
export type ProxyFix = 'upgrade' | 'buffering' | 'timeout' | 'body' | 'host' | 'proto' | 'http2'

export interface Verdict {
  level: 'good' | 'warn' | 'bad' | 'unknown'
  /** What was seen, in one sentence. */
  saw: string
  /** What that means for whoever writes. */
  means?: string
  fix?: ProxyFix
  /** A line of Gloss's own environment. */
  setting?: string
}

/** How long the probes take: real waits, which tests may shorten. */
export interface Probing {
  /** How long a silent socket must live, ms. */
  idleMs: number
  /** How long a request must be allowed to take, ms. */
  waitMs: number
  ticks: number
  everyMs: number
}

export const THOROUGH: Probing = { idleMs: 25_000, waitMs: 25_000, ticks: 6, everyMs: 400 }
export const QUICK: Probing = { idleMs: 7_000, waitMs: 7_000, ticks: 4, everyMs: 250 }

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
