/** One check: what it is, how it stands, and the lines that would mend it. */
import { Check, CircleAlert, CircleDashed, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { CheckId, Verdict } from '#client/session/diagnose/check.ts'
import { CopyButton } from './CopyButton.tsx'
import { FIXES, PROXY_NAMES, type ProxyName } from './fixes.ts'
import { BUSY, LEVELS, NAMES } from './words.ts'

const ICONS: Record<Verdict['level'], typeof Check> = {
  good: Check,
  warn: TriangleAlert,
  bad: CircleAlert,
  unknown: CircleDashed,
}

interface CheckRowProps {
  check: CheckId
  verdict: Verdict | undefined
  proxy: ProxyName
}

export function CheckRow({ check, verdict, proxy }: CheckRowProps) {
  if (!verdict) {
    return (
      <li className="check" aria-busy="true" data-check={check}>
        <LoaderCircle className="check-icon" size={18} aria-hidden />
        <h3>{NAMES[check]}</h3>
        <p className="check-saw">{BUSY[check]}</p>
      </li>
    )
  }
  const { level, saw, means, fix, setting } = verdict
  const Icon = ICONS[level]
  return (
    <li className="check" data-check={check} data-level={level}>
      <Icon className="check-icon" size={18} aria-hidden />
      <h3>
        {NAMES[check]} <span className="check-level">{LEVELS[level]}</span>
      </h3>
      <p className="check-saw">{saw}</p>
      {means && <p className="check-means">{means}</p>}
      {fix && <Lines of={PROXY_NAMES[proxy]} text={FIXES[fix][proxy]} />}
      {setting && <Lines of="Gloss’s environment" text={setting} />}
    </li>
  )
}

function Lines({ of, text }: { of: string; text: string }) {
  return (
    <figure className="fix">
      <figcaption>
        {of}
        <CopyButton label={`Copy the lines for ${of}`} text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}
