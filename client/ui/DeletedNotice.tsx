/** The page of a deleted document. Its owner can bring it back from here. */
import { useEffect, useState } from 'react'
import { deletedDocuments, loadDeleted, restoreDocument } from './deleted-documents.ts'
import { Notice } from './Notice.tsx'
import { followHere } from './router.ts'
import { tellProblem } from './toasts.tsx'
import { useDocumentTitle } from './use-document-title.ts'
import { useStore } from './use-store.ts'
import { goneWords } from './when-words.ts'

const TITLE = 'This document was deleted'

export function DeletedNotice({ id, onBack }: { id: string; onBack: () => void }) {
  const { documents, problem } = useStore(deletedDocuments)
  const [busy, setBusy] = useState(false)
  const mine = documents?.find((document) => document.id === id)
  useDocumentTitle(TITLE)
  useEffect(() => {
    loadDeleted().catch(tellProblem)
  }, [])

  async function restore(title: string) {
    setBusy(true)
    if (!(await restoreDocument({ id, title }, onBack))) setBusy(false)
  }
  return (
    <Notice
      title={TITLE}
      actions={
        <>
          {mine && (
            <button
              type="button"
              className="button primary"
              disabled={busy}
              onClick={() => restore(mine.title).catch(tellProblem)}
            >
              Restore
            </button>
          )}
          <a className={mine ? 'button' : 'button primary'} href="/" onClick={followHere}>
            All documents
          </a>
        </>
      }
    >
      {mine?.goneAt !== undefined
        ? `You can bring it back as it was. ${goneWords(mine.goneAt, Date.now())}.`
        : (documents || problem) && 'Its owner can bring it back within 30 days.'}
    </Notice>
  )
}
