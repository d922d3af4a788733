/** What each failure means at this edge: one total table, and the answers made from it. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '#server/log.ts'
import { DecisionConflict } from '#server/rooms/decision-conflict.ts'
import { type ErrorCode, GlossError } from '#shared/errors.ts'
import type { Problem, Winner } from '#shared/protocol/api.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'

interface Meaning {
  status: number
  close: CloseCode
  title: string
  detail: string
  /** When to ask again, where the failure itself does not say. */
  retryAfterS?: number
}

export const MEANINGS: Readonly<Record<ErrorCode, Meaning>> = {
  'bad-frame': {
    status: 400,
    close: CLOSE.protocol,
    title: 'Bad frame',
    detail: 'The message is not one of the protocol.',
  },
  'bad-request': {
    status: 400,
    close: CLOSE.protocol,
    title: 'Bad request',
    detail: 'The request is not one that this route takes.',
  },
  'not-signed-in': {
    status: 401,
    close: CLOSE.noSession,
    title: 'No session',
    detail: 'Ask for a session first: POST /api/session.',
  },
  'not-allowed': {
    status: 403,
    close: CLOSE.notAllowed,
    title: 'Not allowed',
    detail: 'You may not do this here.',
  },
  'not-found': {
    status: 404,
    close: CLOSE.gone,
    title: 'Not found',
    detail: 'There is nothing here, or it is not shared with you.',
  },
  'not-here': {
    status: 421,
    close: CLOSE.later,
    title: 'Not here',
    detail: 'Another instance has this connection. Ask again to reach it.',
  },
  gone: {
    status: 410,
    close: CLOSE.gone,
    title: 'Deleted',
    detail: 'This document was deleted.',
  },
  conflict: {
    status: 409,
    close: CLOSE.protocol,
    title: 'Decided already',
    detail: 'Somebody was first.',
  },
  'too-large': {
    status: 413,
    close: CLOSE.tooBig,
    title: 'Too large',
    detail: 'This is more than the server takes at once.',
  },
  'invalid-update': {
    status: 422,
    close: CLOSE.invalidContent,
    title: 'Invalid content',
    detail: 'The change has content that a document cannot hold.',
  },
  'too-many': {
    status: 429,
    close: CLOSE.tooMany,
    title: 'Too many',
    detail: 'Too many at once. Try again in a moment.',
    retryAfterS: 2,
  },
  'epoch-changed': {
    status: 409,
    close: CLOSE.restored,
    title: 'Restored',
    detail: 'The document was restored to an older state. Load it again.',
  },
  'storage-full': {
    status: 503,
    close: CLOSE.later,
    title: 'Storage full',
    detail: 'The server has no room left. What is saved stays saved.',
    retryAfterS: 30,
  },
  unavailable: {
    status: 503,
    close: CLOSE.later,
    title: 'Unavailable',
    detail: 'The server cannot do this right now. Try again in a moment.',
    retryAfterS: 2,
  },
  stopping: {
    status: 503,
    close: CLOSE.restart,
    title: 'Restarting',
    detail: 'The server is restarting. Try again in a moment.',
    retryAfterS: 5,
  },
}

/** The close code of any failure; what has no name of ours is `later`. */
export function closeCodeOf(error: unknown): CloseCode {
  return error instanceof GlossError ? MEANINGS[error.code].close : CLOSE.later
}

/** The whole seconds after which asking again may help; undefined where it never will. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof GlossError)) return MEANINGS.unavailable.retryAfterS
  return error.retryAfterS ?? MEANINGS[error.code].retryAfterS
}

/** Answers every failure as problem+json, with nothing internal in it. */
export function errorHandler(log: Log) {
  return (error: FastifyError | GlossError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error)
    if (problem.status >= 500) {
      log.error({ route: request.routeOptions.url, error }, 'a request failed')
    }
    sendProblem(reply, problem, retryAfterOf(error))
  }
}

/** `retryAfterS` is told where the status is one that passes. */
export function sendProblem(reply: FastifyReply, problem: Problem, retryAfterS?: number): void {
  const passes = problem.status === 429 || problem.status === 503
  if (passes && retryAfterS) reply.header('retry-after', String(retryAfterS))
  reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** `detail` replaces the table's sentence; it is for a person and must hold nothing internal. */
export function problemFor(code: ErrorCode, detail?: string): Problem {
  const { status, title, detail: standard } = MEANINGS[code]
  return { type: `/problems/${code}`, title, status, detail: detail ?? standard }
}

function problemOf(error: FastifyError | GlossError): Problem & { winners?: Winner[] } {
  if (error instanceof DecisionConflict)
    return { ...problemFor('conflict'), winners: error.winners }
  if (error instanceof GlossError) return problemFor(error.code, error.public)
  const status = error.statusCode ?? 500
  if (status === 413) return problemFor('too-large')
  if (status === 415) {
    return { ...problemFor('bad-request', 'Send JSON: content-type application/json.'), status }
  }
  if (status === 404) return problemFor('not-found')
  if (status >= 400 && status < 500) return { ...problemFor('bad-request'), status }
  return {
    type: '/problems/internal',
    title: 'Server error',
    status: 500,
    detail: 'Something went wrong on the server. Nothing that was saved is lost.',
  }
}
