/** /diagnose: what works between this browser and the server, and which line mends what does not. */
import '../styles/diagnose.css'
import { RefreshCw } from 'lucide-react'
import { useEffect, useState } from 'react'
import { CHECKS, QUICK, seconds, THOROUGH } from '#client/session/diagnose/check.ts'
import { diagnose, type Reached, type Told } from '#client/session/diagnose/diagnosis.ts'
import { Mark } from '../Mark.tsx'
import { followHere } from '../router.ts'
import { useDocumentTitle } from '../use-document-title.ts'
import { CheckRow } from './CheckRow.tsx'
import { CopyButton } from './CopyButton.tsx'
import { PROXIES, PROXY_NAMES, type ProxyName, proxyOf } from './fixes.ts'
import { report, summary, type Verdicts } from './words.ts'

type Stage = 'looking' | 'done' | 'unreached'

export function DiagnosePage() {
  const [run, setRun] = useState(0)
  const [proxy, setProxy] = useState<ProxyName>('nginx')
  const { stage, verdicts } = useDiagnosis(run, setProxy)
  useDocumentTitle('Connection')
  const found = CHECKS.filter((check) => verdicts[check])
  const fixes = Object.values(verdicts).some(({ fix }) => fix)
  return (
    <div className="diagnose">
      <header className="list-head">
        <a className="home" href="/" onClick={followHere} aria-label="All documents">
          <Mark size={32} />
        </a>
        <h1>Connection</h1>
        <span className="grow" />
        <div className="diagnose-actions">
          <button
            type="button"
            className="button"
            disabled={stage === 'looking'}
            onClick={() => setRun(run + 1)}
          >
            <RefreshCw size={14} aria-hidden /> Look again
          </button>
          {stage === 'done' && <ReportButton verdicts={verdicts} proxy={proxy} />}
        </div>
      </header>
      <p className="diagnose-summary" role="status" data-stage={stage}>
        {stage === 'looking' && `Looking: ${found.length} of ${CHECKS.length} found.`}
        {stage === 'done' && `${summary(verdicts)}.`}
        {stage === 'unreached' && 'The server cannot be reached.'}
      </p>
      <p className="diagnose-lead">{LEADS[stage]}</p>
      {fixes && <ProxyChoice proxy={proxy} onChange={setProxy} />}
      <main>
        <ul className="checks" aria-label="Checks">
          {CHECKS.filter((check) => stage === 'looking' || verdicts[check]).map((check) => (
            <CheckRow key={check} check={check} verdict={verdicts[check]} proxy={proxy} />
          ))}
        </ul>
      </main>
    </div>
  )
}

const LEADS: Readonly<Record<Stage, string>> = {
  looking: `This takes about ${seconds(probing().idleMs + 2_000)}: some faults show only after a silence.`,
  done: 'Measured from this browser just now. Another network may differ.',
  unreached:
    'No answer came from Gloss, so nothing else could be looked at. Is the process running, and does the proxy lead to its port? What you typed offline is kept on this device.',
}

/** `?quick` shortens the silences; a fault that shows after more than seven seconds is missed. */
function probing() {
  return new URLSearchParams(window.location.search).has('quick') ? QUICK : THOROUGH
}

function useDiagnosis(run: number, onProxy: (proxy: ProxyName) => void) {
  const [stage, setStage] = useState<Stage>('looking')
  const [verdicts, setVerdicts] = useState<Verdicts>({})
  useEffect(() => {
    let wanted = true
    setStage('looking')
    setVerdicts({})
    const told: Told = (check, verdict) => {
      if (wanted) setVerdicts((before) => ({ ...before, [check]: verdict }))
    }
    const done = (reached: Reached | undefined) => {
      if (!wanted) return
      setStage(reached ? 'done' : 'unreached')
      const proxy = reached && proxyOf(reached.server)
      if (proxy) onProxy(proxy)
    }
    diagnose(probing(), told).then(done, () => done(undefined))
    return () => {
      wanted = false
    }
  }, [run])
  return { stage, verdicts }
}

function ReportButton({ verdicts, proxy }: { verdicts: Verdicts; proxy: ProxyName }) {
  const about = {
    origin: window.location.origin,
    browser: navigator.userAgent,
    at: new Date(),
    proxy,
  }
  return <CopyButton label="Copy the report" words="Copy report" text={report(verdicts, about)} />
}

function ProxyChoice({
  proxy,
  onChange,
}: {
  proxy: ProxyName
  onChange: (proxy: ProxyName) => void
}) {
  return (
    <fieldset className="proxies">
      <legend>What stands before Gloss</legend>
      {PROXIES.map((name) => (
        <label key={name}>
          <input
            type="radio"
            name="proxy"
            checked={name === proxy}
            onChange={() => onChange(name)}
          />
          <span>{PROXY_NAMES[name]}</span>
        </label>
      ))}
    </fieldset>
  )
}
