/** How a connection is closed whose updates were not committed. */
import type { CommitRefusal } from '#server/store/document-store.ts'
import { type GlossError, unreachable } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'

/** The code in the nack. */
export function closeCodeFor(refusal: CommitRefusal): CloseCode {
  switch (refusal) {
    case 'gone':
      return CLOSE.gone
    case 'epoch':
      return CLOSE.restored
    case 'forbidden':
      return CLOSE.notAllowed
    case 'foreign-client':
      return CLOSE.invalidContent
    case 'too-big':
      return CLOSE.tooBig
    case 'decided':
    case 'fenced':
      return CLOSE.restart
    default:
      return unreachable(refusal)
  }
}

/**
 * How a refused commit ends the connection. Who may not write any more may yet read, or write again
 * soon: sent off for good, a provider would keep what was refused without ever offering it again.
 */
export function closeAfter(refusal: CommitRefusal): CloseCode {
  return refusal === 'forbidden' ? CLOSE.restart : closeCodeFor(refusal)
}

/** How a failed commit ends a connection: all of these pass. */
export function closeFor(error: GlossError): [CloseCode, string] {
  if (error.code === 'storage-full') return [CLOSE.later, 'storage-full']
  if (error.code === 'epoch-changed') return [CLOSE.restored, 'restored']
  return [CLOSE.restart, 'unavailable']
}
