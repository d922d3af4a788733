/** The words of the page: what each check is called, what is found, and the report as plain text. */
import { CHECKS, type CheckId, type Verdict } from '#client/session/diagnose/check.ts'
import { FIXES, PROXY_NAMES, type ProxyName } from './fixes.ts'

export const NAMES: Readonly<Record<CheckId, string>> = {
  address: 'Address and session',
  socket: 'Live socket',
  stream: 'Event stream',
  patience: 'Long requests',
  requests: 'Sync without a socket',
  body: 'Size of requests',
  http: 'Speed and HTTP version',
  clock: 'Clock',
  storage: 'Storage on this device',
}

/** What stands there while it is looked at. */
export const BUSY: Readonly<Record<CheckId, string>> = {
  address: 'Asking the server what it sees…',
  socket: 'Opening one, and being silent for a while…',
  stream: 'Listening whether events come one by one…',
  patience: 'Waiting for a slow answer…',
  requests: 'Syncing by ordinary requests…',
  body: 'Sending 1 MiB…',
  http: 'Measuring…',
  clock: 'Comparing…',
  storage: 'Writing and reading…',
}

export const LEVELS: Readonly<Record<Verdict['level'], string>> = {
  good: 'Works',
  warn: 'Works, but',
  bad: 'Broken',
  unknown: 'Not tested',
}

export type Verdicts = Readonly<Partial<Record<CheckId, Verdict>>>

/** What it comes to, once all is told. */
export function summary(verdicts: Verdicts): string {
  const all = Object.values(verdicts)
  const bad = all.filter(({ level }) => level === 'bad').length
  const warn = all.filter(({ level }) => level === 'warn').length
  const things = (n: number) => (n === 1 ? 'one thing' : `${n} things`)
  const better = warn > 0 ? `${things(warn)} could be better` : ''
  if (bad === 0) return better ? `Everything works; ${better}` : 'Everything works'
  const broken = bad === 1 ? 'One thing is broken' : `${bad} things are broken`
  return better ? `${broken}, ${better}` : broken
}

interface About {
  /** Where the page was opened. */
  origin: string
  browser: string
  at: Date
  proxy: ProxyName
}

/** For an issue or a mail: everything that the page says, nothing that it does not. */
export function report(verdicts: Verdicts, { origin, browser, at, proxy }: About): string {
  const lines = [
    `Gloss connection report: ${summary(verdicts)}`,
    `${origin} · ${at.toISOString()}`,
    browser,
  ]
  for (const check of CHECKS) {
    const verdict = verdicts[check]
    if (!verdict) continue
    const { level, saw, means, fix, setting } = verdict
    lines.push('', `[${LEVELS[level]}] ${NAMES[check]}: ${saw}`)
    if (means) lines.push(`  ${means}`)
    if (setting) lines.push('  Gloss’s environment:', `    ${setting}`)
    if (!fix) continue
    lines.push(`  ${PROXY_NAMES[proxy]}:`)
    for (const line of FIXES[fix][proxy].split('\n')) lines.push(`    ${line}`)
  }
  return `${lines.join('\n')}\n`
}
