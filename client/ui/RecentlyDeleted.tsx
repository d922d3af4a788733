/** What one deleted and can still bring back, at the end of the list: out of the way until opened. */
import { Collapsible } from '@base-ui/react/collapsible'
import { ChevronRight } from 'lucide-react'
import { type RefObject, useRef, useState } from 'react'
import type { DocumentInfo } from '#shared/protocol/api.ts'
import { deletedDocuments, loadDeleted, restoreDocument } from './deleted-documents.ts'
import { titleOf } from './documents.ts'
import { tellProblem } from './toasts.tsx'
import { useStore } from './use-store.ts'
import { goneWords } from './when-words.ts'

export function RecentlyDeleted() {
  const trigger = useRef<HTMLButtonElement>(null)
  return (
    <Collapsible.Root
      className="deleted"
      onOpenChange={(open) => {
        if (open) loadDeleted().catch(tellProblem)
      }}
    >
      <h2>
        <Collapsible.Trigger ref={trigger} className="button quiet deleted-trigger">
          <ChevronRight size={16} aria-hidden /> Recently deleted
        </Collapsible.Trigger>
      </h2>
      <Collapsible.Panel>
        <Deleted trigger={trigger} />
      </Collapsible.Panel>
    </Collapsible.Root>
  )
}

type Trigger = RefObject<HTMLButtonElement | null>

function Deleted({ trigger }: { trigger: Trigger }) {
  const { documents, problem } = useStore(deletedDocuments)
  if (problem) {
    return (
      <div className="list-problem" role="alert">
        <p>{problem}</p>
        <button
          type="button"
          className="button small"
          onClick={() => loadDeleted().catch(tellProblem)}
        >
          Try again
        </button>
      </div>
    )
  }
  if (!documents) {
    return (
      <div className="rows" role="status" aria-label="Loading deleted documents">
        <div className="row-skeleton">
          <span className="bone" style={{ width: '48%' }} />
        </div>
      </div>
    )
  }
  if (documents.length === 0) {
    return (
      <p className="deleted-none" role="status">
        Nothing here. A document that you delete can be brought back from here for a while.
      </p>
    )
  }
  return (
    <ul className="rows" aria-label="Recently deleted">
      {documents.map((document) => (
        <DeletedRow key={document.id} document={document} trigger={trigger} />
      ))}
    </ul>
  )
}

function DeletedRow({ document: deleted, trigger }: { document: DocumentInfo; trigger: Trigger }) {
  const row = useRef<HTMLLIElement>(null)
  const [busy, setBusy] = useState(false)
  const title = titleOf(deleted.title)
  async function restore() {
    if (busy) return
    const beside = row.current?.nextElementSibling ?? row.current?.previousElementSibling
    const next = beside?.querySelector('button') ?? trigger.current
    setBusy(true)
    const back = await restoreDocument(deleted)
    setBusy(false)
    // The button that was pressed has left with its row: the keys go on with the next one.
    if (back && document.activeElement === document.body) next?.focus()
  }
  return (
    <li ref={row} className="row">
      <span className="deleted-what">
        <span className="cut">{title}</span>
        {deleted.goneAt !== undefined && (
          <time
            dateTime={new Date(deleted.goneAt).toISOString()}
            title={new Date(deleted.goneAt).toLocaleString('en')}
          >
            {goneWords(deleted.goneAt, Date.now())}
          </time>
        )}
      </span>
      <button
        type="button"
        className="button small"
        aria-label={`Restore “${title}”`}
        aria-disabled={busy}
        onClick={() => restore().catch(tellProblem)}
      >
        Restore
      </button>
    </li>
  )
}
