/** Who may do what with a document: the one answer for every route, socket, stream and prompt. */
import type { Right } from '#server/rooms/lobby.ts'
import type { DocumentRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Role } from '#shared/protocol/api.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import type { LookUps } from './look-ups.ts'

/** `restore` is what one may do with a deleted document, and nothing else is. */
export type Action = 'read' | 'write' | 'manage' | 'restore'

const MAY: Readonly<Record<Role, readonly Action[]>> = {
  owner: ['read', 'write', 'manage', 'restore'],
  editor: ['read', 'write'],
  viewer: ['read'],
}

/** What a user is to a document; undefined where it is not shared with them. */
export function roleOf(user: string, { owner, linkRole }: DocumentRow): Role | undefined {
  if (user === owner) return 'owner'
  switch (linkRole) {
    case 'edit':
      return 'editor'
    case 'view':
      return 'viewer'
    case 'none':
      return undefined
  }
}

/** What somebody may do with a document, and the document. */
export interface Grant {
  row: DocumentRow
  role: Role
}

export type Authorize = (user: string, action: Action, document: string) => Promise<Grant>

/**
 * Throws `not-found` for what is not there or not shared (the same answer for both), `gone` for
 * what was deleted and was theirs to read, `not-allowed` for too small a role.
 */
export function createAuthorize(lookUps: LookUps): Authorize {
  return async (user, action, document) => grant(user, action, await lookUps.document(document))
}

/** The same for a document that has been looked up, after it was asked for. */
export function grant(user: string, action: Action, row: DocumentRow | undefined): Grant {
  const role = row && roleOf(user, row)
  if (!row || !role) throw new GlossError('not-found', 'no such document for this user')
  if (row.state === 'deleted' && action !== 'restore')
    throw new GlossError('gone', 'the document is deleted')
  if (!MAY[role].includes(action)) {
    throw new GlossError('not-allowed', `a ${role} may not ${action}`)
  }
  return { row, role }
}

/** What a connection of this user's may do by now, or how it is closed. */
export function rightOf(user: string, row: DocumentRow): Right {
  const role = roleOf(user, row)
  if (row.state === 'deleted') return { close: CLOSE.gone }
  return role ? { canWrite: role !== 'viewer' } : { close: CLOSE.notAllowed }
}
