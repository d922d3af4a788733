import { canWriteNow } from '#client/session/connection.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { useStore, useStoreView } from './use-store.ts'

/** True where this person may change the text, and this tab can still send it. */
export function useMayEdit(session: DocumentSession): boolean {
  const role = useStore(session.role)
  return useStoreView(session.connection, canWriteNow) && role !== 'viewer'
}
