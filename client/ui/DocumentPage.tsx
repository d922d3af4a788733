/** Opens a document and shows it, or says why that cannot be. */
import { useEffect, useState } from 'react'
import { ApiProblem } from '#client/session/api.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { openSession } from '#client/session/open-session.ts'
import { DeletedNotice } from './DeletedNotice.tsx'
import { DocumentSkeleton } from './DocumentSkeleton.tsx'
import { DocumentView } from './DocumentView.tsx'
import { Notice } from './Notice.tsx'
import { prefer } from './preferences.ts'
import { followHere } from './router.ts'
import { useDocumentTitle } from './use-document-title.ts'

type Opening =
  | { kind: 'opening' }
  | { kind: 'open'; session: DocumentSession }
  | { kind: 'failed'; problem: ApiProblem }

export function DocumentPage({ id }: { id: string }) {
  const [attempt, setAttempt] = useState(0)
  const opening = useSession(id, attempt)
  switch (opening.kind) {
    case 'opening':
      return <DocumentSkeleton />
    case 'open':
      return <DocumentView session={opening.session} />
    case 'failed':
      if (opening.problem.status === 410) {
        return <DeletedNotice id={id} onBack={() => setAttempt(attempt + 1)} />
      }
      return <CannotOpen problem={opening.problem} onRetry={() => setAttempt(attempt + 1)} />
  }
}

function useSession(id: string, attempt: number): Opening {
  const [opening, setOpening] = useState<Opening>({ kind: 'opening' })
  useEffect(() => {
    let wanted = true
    let session: DocumentSession | undefined
    setOpening({ kind: 'opening' })
    openSession(id).then(
      (opened) => {
        if (!wanted) return opened.close()
        session = opened
        prefer({ welcomed: true })
        setOpening({ kind: 'open', session })
      },
      (problem: unknown) => {
        if (!wanted) return
        setOpening({ kind: 'failed', problem: asProblem(problem) })
      },
    )
    return () => {
      wanted = false
      session?.close()
    }
  }, [id, attempt])
  return opening
}

function asProblem(problem: unknown): ApiProblem {
  if (problem instanceof ApiProblem) return problem
  const detail = 'The document could not be opened here. Reload the page to try again.'
  return new ApiProblem({ status: 0, type: '/problems/unknown', title: 'Unknown', detail })
}

function CannotOpen({ problem, onRetry }: { problem: ApiProblem; onRetry: () => void }) {
  const { status } = problem
  const { title, detail, retry } = wordsFor(problem)
  useDocumentTitle(title)
  return (
    <Notice
      title={title}
      actions={
        <>
          {retry && (
            <button type="button" className="button primary" onClick={onRetry}>
              Try again
            </button>
          )}
          {problem.type === '/problems/outdated' && (
            <button
              type="button"
              className="button primary"
              onClick={() => window.location.reload()}
            >
              Reload
            </button>
          )}
          <a className={retry ? 'button' : 'button primary'} href="/" onClick={followHere}>
            All documents
          </a>
          {retry && status === 0 && (
            <a className="button quiet" href="/diagnose" target="_blank" rel="noreferrer">
              Check the connection
            </a>
          )}
        </>
      }
    >
      {detail}
    </Notice>
  )
}

function wordsFor({ status, type, message }: ApiProblem) {
  if (type === '/problems/outdated') {
    return { title: 'Gloss was updated', detail: `${message} Reload to go on.`, retry: false }
  }
  switch (status) {
    case 404:
      return {
        title: 'There is no such document',
        detail:
          'The link may be incomplete, or its owner does not share it: then ask whoever sent you the link.',
        retry: false,
      }
    case 403:
      return {
        title: 'You have no access to this document',
        detail: 'Ask whoever sent you the link to press Share and choose “Can view” or “Can edit”.',
        retry: true,
      }
    default:
      return { title: 'The document could not be opened', detail: message, retry: true }
  }
}
