/** The list of documents as the page shows it: loaded, searched, renamed, deleted with a way back. */
import { ApiProblem, api } from '#client/session/api.ts'
import { createStore, type Store } from '#client/session/store.ts'
import type { DocumentInfo } from '#shared/protocol/api.ts'
import { goTo, pathOf } from './router.ts'
import { tell, tellProblem } from './toasts.tsx'

export interface DocumentsState {
  query: string
  /** Null until the first answer. */
  documents: readonly DocumentInfo[] | null
  cursor: string | null
  /** A sentence where the last load failed. */
  problem: string | null
}

const state = createStore<DocumentsState>({
  query: '',
  documents: null,
  cursor: null,
  problem: null,
})
export const documents: Store<DocumentsState> = state

/** Taken off the page, but not yet deleted: until the toast that offers to undo it has gone. */
const leaving = new Set<string>()
window.addEventListener('pagehide', () => {
  for (const id of leaving) {
    fetch(`/api/documents/${id}`, { method: 'DELETE', keepalive: true }).catch(tellProblem)
  }
})

/** Asks anew. The answer to an older question is not shown over a newer one. */
export async function loadDocuments(query = state.get().query): Promise<void> {
  state.update((before) => ({ ...before, query }))
  try {
    const page = await api.documents({ query })
    if (state.get().query !== query) return
    state.set({
      query,
      documents: staying(page.documents),
      cursor: page.cursor ?? null,
      problem: null,
    })
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    state.update((before) => ({ ...before, problem: problem.message }))
  }
}

export async function loadMore(): Promise<void> {
  const { query, cursor } = state.get()
  if (cursor === null) return
  const page = await api.documents({ query, cursor })
  state.update((before) => ({
    ...before,
    documents: [...(before.documents ?? []), ...staying(page.documents)],
    cursor: page.cursor ?? null,
  }))
}

const staying = (list: readonly DocumentInfo[]) => list.filter(({ id }) => !leaving.has(id))

export function createDocument(
  document: { title?: string; markdown?: string } = {},
): Promise<void> {
  return api.createDocument(document).then(({ id }) => goTo(pathOf(id)), tellProblem)
}

export async function renameDocument(id: string, title: string): Promise<void> {
  try {
    const changed = await api.changeDocument(id, { title })
    noteChange(changed)
  } catch (problem) {
    tellProblem(problem)
  }
}

/** Keeps the list right when a document is renamed on its own page. */
export function noteChange(changed: Pick<DocumentInfo, 'id' | 'title'>): void {
  state.update((before) => ({
    ...before,
    documents:
      before.documents?.map((document) =>
        document.id === changed.id ? { ...document, title: changed.title } : document,
      ) ?? null,
  }))
}

/** Takes it off the page at once, and deletes it when nobody has undone that. */
export function deleteDocument({ id, title }: Pick<DocumentInfo, 'id' | 'title'>): void {
  leaving.add(id)
  state.update((before) => ({
    ...before,
    documents: before.documents && staying(before.documents),
  }))
  tell({
    text: `“${titleOf(title)}” was deleted.`,
    action: {
      label: 'Undo',
      run: () => {
        leaving.delete(id)
        loadDocuments().catch(tellProblem)
      },
    },
    onGone: () => {
      if (leaving.delete(id)) api.deleteDocument(id).catch(tellProblem)
    },
  })
}

export const titleOf = (title: string): string => title.trim() || 'Untitled'
