/** Opens a document for as long as its page is there, and says how that went. */
import { useCallback, useEffect, useState } from 'react'
import { ApiProblem, api } from '#client/session/api.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { openSession } from '#client/session/open-session.ts'
import type { CopilotInfo } from '#shared/protocol/api.ts'

export type Opening =
  | { kind: 'opening' }
  | { kind: 'open'; session: DocumentSession }
  /** `status` is HTTP's; 0 where the server was not reached. */
  | { kind: 'failed'; status: number; detail: string }

export function useSession(id: string): { opening: Opening; tryAgain: () => void } {
  const [opening, setOpening] = useState<Opening>({ kind: 'opening' })
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens anew
  useEffect(() => {
    let here = true
    let close = () => {
      here = false
    }
    openSession(id).then(
      (session) => {
        if (!here) return session.close()
        close = () => session.close()
        setOpening({ kind: 'open', session })
      },
      (problem: unknown) => {
        if (!here) return
        const status = problem instanceof ApiProblem ? problem.status : 500
        const detail = problem instanceof Error ? problem.message : ''
        setOpening({ kind: 'failed', status, detail })
      },
    )
    return () => close()
  }, [id, attempt])

  const tryAgain = useCallback(() => {
    setOpening({ kind: 'opening' })
    setAttempt((before) => before + 1)
  }, [])
  return { opening, tryAgain }
}

/** Null while it is not known, and for good where the co-pilot is off. */
export function useCopilot(): CopilotInfo | null {
  const [info, setInfo] = useState<CopilotInfo | null>(null)
  useEffect(() => {
    let here = true
    api.copilot().then(
      (answer) => here && answer.on && setInfo(answer),
      () => here && setInfo(null),
    )
    return () => {
      here = false
    }
  }, [])
  return info
}
