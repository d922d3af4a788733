/** Who is at the other end of a wire, as it was looked up when they came. */
import type { UserRow } from '#server/store/document-store.ts'

export interface Caller {
  user: UserRow
  document: string
  canWrite: boolean
  /** What the client holds is from before the document was restored to an older state. */
  restored: boolean
  /** A page that is older than this server: see outdated-wire.ts. */
  outdated: boolean
}
