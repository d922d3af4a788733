/** The list of documents as the page shows it: loaded, searched, made, renamed. */
import { ApiProblem, api } from '#client/session/api.ts'
import { createStore, type Store } from '#client/session/store.ts'
import type { DocumentInfo } from '#shared/protocol/api.ts'
import { goTo, pathOf } from './router.ts'
import { tellProblem } from './toasts.tsx'

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

/** Taken off the page, while the server is still being asked to delete them. */
const leaving = new Set<string>()
/** The last question's number: the answer to an older one is not shown over a newer one's. */
let asked = 0

/** Asks anew. */
export async function loadDocuments(query = state.get().query): Promise<void> {
  asked += 1
  const turn = asked
  state.update((before) => ({ ...before, query }))
  try {
    const page = await api.documents({ query })
    if (turn !== asked) return
    state.set({
      query,
      documents: staying(page.documents),
      cursor: page.cursor ?? null,
      problem: null,
    })
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    if (turn !== asked) return
    state.update((before) => ({ ...before, problem: problem.message }))
  }
}

export async function loadMore(): Promise<void> {
  const { query, cursor } = state.get()
  if (cursor === null) return
  const turn = asked
  const page = await api.documents({ query, cursor })
  if (turn !== asked) return
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

/** Off the page at once, and no answer shows it again until one of the two below is called. */
export function takeOff(id: string): void {
  leaving.add(id)
  state.update((before) => ({
    ...before,
    documents: before.documents && staying(before.documents),
  }))
}

/** It is deleted: what the server answers from now on is true. */
export function tookOff(id: string): Promise<void> {
  leaving.delete(id)
  return loadDocuments()
}

/** It could not be deleted: where it was, also when the list cannot be asked for. */
export function putBack(document: DocumentInfo): void {
  leaving.delete(document.id)
  state.update((before) => ({
    ...before,
    documents:
      before.documents &&
      [...before.documents.filter(({ id }) => id !== document.id), document].sort(
        (a, b) => b.updatedAt - a.updatedAt,
      ),
  }))
}

export const titleOf = (title: string): string => title.trim() || 'Untitled'
