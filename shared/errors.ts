/**
 * Every failure the product can name. A code is the contract between floors: the middle throws
 * it, and each edge owns one table that says what it means there (an HTTP status, a close code,
 * a sentence on screen).
 */
export type ErrorCode =
  /** Bytes that are not a frame of the protocol. */
  | 'bad-frame'
  | 'bad-request'
  | 'not-signed-in'
  | 'not-allowed'
  | 'not-found'
  /** Another instance has it: asking again may reach that one. */
  | 'not-here'
  /** Was here, and is deleted. */
  | 'gone'
  /** Somebody decided first, or a key was used for something else. */
  | 'conflict'
  | 'too-large'
  /** An update the inspector refuses: sending it again cannot help. */
  | 'invalid-update'
  | 'too-many'
  /** The document was restored while the client was away. */
  | 'epoch-changed'
  | 'storage-full'
  /** The database, the bus or the room cannot serve right now; trying again may help. */
  | 'unavailable'
  /** The process is stopping. */
  | 'stopping'

/** A failure with a name. `cause` is for the log, `message` for the developer. */
export class GlossError extends Error {
  readonly code: ErrorCode
  /** A sentence for the person, where the edge's standard one does not say enough. */
  public: string | undefined
  /** When asking again may help, where that is known. */
  retryAfterS: number | undefined

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'GlossError'
    this.code = code
  }
}

/** Closes a switch over a union: adding a member without handling it stops the type check. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
