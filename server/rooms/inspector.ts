/**
 * Judges an update of a client before it is committed: whether it is whole, depends only on what
 * the room has, writes only as its sender and holds only what an editor of ours could have
 * written. Pure; it never applies anything and never throws, whatever the bytes.
 */
import type { Known, NewItem } from './frontier.ts'

export type InspectReason =
  /** Not an update, or one with bytes left over. */
  | 'undecodable'
  | 'too-many-structs'
  | 'too-many-ranges'
  | 'too-many-clients'
  | 'string-too-long'
  /** A kind of content that no editor of ours writes. */
  | 'content'
  | 'clock-gap'
  | 'unknown-origin'
  | 'unknown-parent'
  | 'unknown-delete'
  /** Written with the Yjs client id of somebody else. */
  | 'foreign-client'
  /** Under a root name that a document does not have. */
  | 'root'
  /** Where the server alone writes. */
  | 'server-only'
  /** Somebody else's decision, or not a decision. */
  | 'decision'
  | 'node-type'
  | 'nesting'
  | 'attribute'
  | 'format'
  | 'url'

export interface Inspected {
  /** Yjs client ids that nobody owns yet: the sender's, once this is committed. */
  newClients: number[]
  /** The room has all of it already: nothing to commit, only to acknowledge. */
  nothingNew: boolean
  /** For `Frontier.admit`. */
  items: NewItem[]
}

export type Verdict =
  | ({ ok: true } & Inspected)
  | {
      ok: false
      reason: InspectReason
      /** The room may lag behind the log: read it, then inspect again. */
      mayHeal: boolean
    }

/** Whether `update`, sent by `user`, may be committed over what is `known`. Never throws. */
export function inspect(
  update: Uint8Array,
  known: Known,
  user: string,
  options: { maxNewClients?: number } = {},
): Verdict {
  throw new Error('being written')
}
