/** Deleting and bringing back: one's deleted documents while they are kept, and the way out and in. */
import { ApiProblem, api } from '#client/session/api.ts'
import { createStore, type Store } from '#client/session/store.ts'
import type { DocumentInfo } from '#shared/protocol/api.ts'
import { loadDocuments, putBack, takeOff, titleOf, tookOff } from './documents.ts'
import { goTo, pathOf } from './router.ts'
import { tell, tellProblem } from './toasts.tsx'

/** As many as the server tells at once. */
const MOST = 100

export interface DeletedState {
  /** The last deleted first; null until the first answer. */
  documents: readonly DocumentInfo[] | null
  /** A sentence where the last load failed. */
  problem: string | null
}

const state = createStore<DeletedState>({ documents: null, problem: null })
export const deletedDocuments: Store<DeletedState> = state

let asked = 0

export async function loadDeleted(): Promise<void> {
  asked += 1
  const turn = asked
  state.update((before) => ({ ...before, problem: null }))
  try {
    const { documents } = await api.documents({ deleted: true, limit: MOST })
    if (turn === asked) state.set({ documents, problem: null })
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem
    if (turn === asked) state.update((before) => ({ ...before, problem: problem.message }))
  }
}

/** Off the page at once; says that it is deleted when it is. `onBack` follows an undo. */
export async function deleteDocument(document: DocumentInfo, onBack?: () => void): Promise<void> {
  const { id, title } = document
  takeOff(id)
  try {
    await api.deleteDocument(id)
  } catch (problem) {
    putBack(document)
    return tellProblem(problem)
  }
  tell({
    text: `“${titleOf(title)}” was deleted.`,
    action: { label: 'Undo', run: () => restoreDocument(document, onBack).catch(tellProblem) },
  })
  await Promise.all([tookOff(id), refresh()])
}

type Named = Pick<DocumentInfo, 'id' | 'title'>

/** Whether it is back; where not, the page has said why. */
export async function restoreDocument(
  document: Named,
  onBack = () => tellBack(document),
): Promise<boolean> {
  const { id, title } = document
  try {
    await api.restoreDocument(id)
  } catch (problem) {
    const late = problem instanceof ApiProblem && (problem.status === 404 || problem.status === 410)
    if (late) tell({ text: `“${titleOf(title)}” was deleted too long ago and is gone for good.` })
    else tellProblem(problem)
    await refresh()
    return false
  }
  onBack()
  await Promise.all([loadDocuments(), refresh()])
  return true
}

function tellBack({ id, title }: Named): void {
  tell({
    text: `“${titleOf(title)}” is back.`,
    action: { label: 'Open', run: () => goTo(pathOf(id)) },
  })
}

/** Only where somebody has looked. */
const refresh = () => (state.get().documents ? loadDeleted() : undefined)
