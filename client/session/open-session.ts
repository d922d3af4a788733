/** Opens a document in this tab. Resolves when there is something to show: from here or from there. */
import { docAsWritten } from '#shared/document/as-written.ts'
import { newPageClient } from '#shared/document/shape.ts'
import { api } from './api.ts'
import { openDeviceCopy } from './device.ts'
import type { DocumentSession } from './document-session.ts'
import { TabSession } from './tab-session.ts'

/** Throws ApiProblem where there is no such document for this person. */
export async function openSession(id: string): Promise<DocumentSession> {
  const me = await api.signIn()
  const info = await api.document(id)
  const doc = docAsWritten()
  doc.clientID = newPageClient()
  const device = await openDeviceCopy(me.id, id, doc)
  const session = new TabSession(id, me, info, doc, device)
  try {
    await session.start()
  } catch (problem) {
    session.close()
    throw problem
  }
  return session
}

/** What the editor may use beyond what the page does. */
export type EditorSession = Pick<
  TabSession,
  'doc' | 'gate' | 'socketProvider' | 'setUndoScope' | 'tellLostDecision' | 'me'
>

/** The editor's view of a session: an `openSession` result is always one. */
export function editorSession(session: DocumentSession): EditorSession {
  if (!(session instanceof TabSession)) throw new Error('not a session of openSession')
  return session
}
