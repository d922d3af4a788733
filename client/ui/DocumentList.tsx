/** The first page: one's documents. A newcomer is taken straight to a document instead. */
import { FilePlus2, Search } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { api } from '#client/session/api.ts'
import { DocumentRow } from './DocumentRow.tsx'
import { createDocument, documents, loadDocuments, loadMore } from './documents.ts'
import { Mark } from './Mark.tsx'
import { prefer, preferences } from './preferences.ts'
import { RecentlyDeleted } from './RecentlyDeleted.tsx'
import { goTo, pathOf } from './router.ts'
import { tellProblem } from './toasts.tsx'
import { useDocumentTitle } from './use-document-title.ts'
import { useStore } from './use-store.ts'
import { WELCOME_MARKDOWN, WELCOME_TITLE } from './welcome.ts'

export function DocumentList() {
  const { query, documents: list, cursor, problem } = useStore(documents)
  const { welcomed } = useStore(preferences)
  const search = useRef<HTMLInputElement>(null)
  useDocumentTitle('')
  useFirstVisit()

  if (!welcomed && list?.length === 0 && query === '') return <ListSkeleton />
  return (
    <div className="list-page">
      <header className="list-head">
        <Mark size={32} />
        <h1>Documents</h1>
        <span className="grow" />
        <button type="button" className="button primary" onClick={() => createDocument()}>
          <FilePlus2 size={16} aria-hidden /> New document
        </button>
      </header>
      <label className="search-field">
        <Search size={16} aria-hidden />
        <span className="unseen">Search documents</span>
        <input
          ref={search}
          type="search"
          placeholder="Search titles"
          defaultValue={query}
          onChange={(event) => loadDocuments(event.target.value)}
        />
      </label>
      {problem && (
        <div className="list-problem" role="alert">
          <p>{problem}</p>
          <button type="button" className="button small" onClick={() => loadDocuments()}>
            Try again
          </button>
        </div>
      )}
      <main>
        {list === null && !problem && <RowsSkeleton />}
        {list?.length === 0 && (query === '' ? <Invitation /> : <NoMatch query={query} />)}
        {list && list.length > 0 && (
          <ul className="rows" aria-label="Documents">
            {list.map((document) => (
              <DocumentRow key={document.id} document={document} />
            ))}
          </ul>
        )}
        {cursor !== null && (
          <button type="button" className="button" onClick={() => loadMore().catch(tellProblem)}>
            Show more
          </button>
        )}
        {(list || problem) && <RecentlyDeleted />}
      </main>
    </div>
  )
}

/** Loads the list; a person who was never here gets a document to write in, once. */
function useFirstVisit() {
  useEffect(() => {
    let here = true
    async function arrive() {
      await api.signIn()
      await loadDocuments('')
      const first = !preferences.get().welcomed
      if (!here || !first) return
      prefer({ welcomed: true })
      if (documents.get().documents?.length !== 0) return
      const welcome = { title: WELCOME_TITLE, markdown: WELCOME_MARKDOWN }
      goTo(pathOf((await api.createDocument(welcome)).id))
    }
    arrive().catch(tellProblem)
    return () => {
      here = false
    }
  }, [])
}

function Invitation() {
  return (
    <div className="empty">
      <p className="empty-title">Nothing here yet</p>
      <p>A document is ready the moment you ask for it. Share its link to write together.</p>
      <div className="empty-actions">
        <button type="button" className="button primary" onClick={() => createDocument()}>
          New document
        </button>
        <button
          type="button"
          className="button"
          onClick={() => createDocument({ title: WELCOME_TITLE, markdown: WELCOME_MARKDOWN })}
        >
          Open the introduction
        </button>
      </div>
    </div>
  )
}

function NoMatch({ query }: { query: string }) {
  return (
    <div className="empty">
      <p className="empty-title">No title contains “{query}”</p>
      <p>Search looks at titles, in documents that are yours or that you have opened.</p>
    </div>
  )
}

function RowsSkeleton() {
  return (
    <div className="rows" role="status" aria-label="Loading documents">
      {[62, 44, 53].map((width) => (
        <div key={width} className="row-skeleton">
          <span className="bone" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  )
}

function ListSkeleton() {
  return (
    <div className="list-page">
      <RowsSkeleton />
    </div>
  )
}
