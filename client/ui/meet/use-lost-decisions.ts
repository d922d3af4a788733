/** Tells in the corner to what a decision of one's own was lost. */
import { useEffect } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import { tell } from '../toasts.tsx'
import { useStore } from '../use-store.ts'

export function useLostDecisions(session: DocumentSession): void {
  const lost = useStore(session.lostDecision)
  useEffect(() => {
    if (lost) tell({ text: lost.sentence })
  }, [lost])
}
