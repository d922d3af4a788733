/** The page as a whole: which screen is open, and what every screen shares. */
import { Tooltip } from '@base-ui/react/tooltip'
import { lazy, Suspense } from 'react'
import { DocumentList } from './DocumentList.tsx'
import { DocumentSkeleton } from './DocumentSkeleton.tsx'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { Notice } from './Notice.tsx'
import { followHere, type Place, place } from './router.ts'
import { Toasts } from './toasts.tsx'
import { useStore } from './use-store.ts'

// The editor is the larger part of the page, and the list of documents needs none of it.
const DocumentPage = lazy(() =>
  import('./DocumentPage.tsx').then((module) => ({ default: module.DocumentPage })),
)

// Nobody needs it while everything works.
const DiagnosePage = lazy(() =>
  import('./diagnose/DiagnosePage.tsx').then((module) => ({ default: module.DiagnosePage })),
)

export function App() {
  const here = useStore(place)
  return (
    <ErrorBoundary>
      <Tooltip.Provider delay={400}>
        <Screen place={here} />
        <Toasts />
      </Tooltip.Provider>
    </ErrorBoundary>
  )
}

function Screen({ place: here }: { place: Place }) {
  switch (here.kind) {
    case 'documents':
      return <DocumentList />
    case 'document':
      // Another document is another life: nothing of the one before may stay in it.
      return (
        <Suspense fallback={<DocumentSkeleton />}>
          <DocumentPage key={here.id} id={here.id} />
        </Suspense>
      )
    case 'diagnose':
      return (
        <Suspense fallback={null}>
          <DiagnosePage />
        </Suspense>
      )
    case 'unknown':
      return (
        <Notice
          title="There is nothing at this address"
          actions={
            <a className="button primary" href="/" onClick={followHere}>
              Go to my documents
            </a>
          }
        >
          The link may be incomplete.
        </Notice>
      )
  }
}
