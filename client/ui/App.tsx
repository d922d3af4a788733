/** The page as a whole: which screen is open, and what every screen shares. */
import { Tooltip } from '@base-ui/react/tooltip'
import { DocumentList } from './DocumentList.tsx'
import { DocumentPage } from './DocumentPage.tsx'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { Notice } from './Notice.tsx'
import { followHere, type Place, place } from './router.ts'
import { Toasts } from './toasts.tsx'
import { useStore } from './use-store.ts'

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
      return <DocumentPage key={here.id} id={here.id} />
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
