/**
 * One route: what it takes, who may call it, what it answers. The same description validates the
 * request, checks the caller's right and becomes the OpenAPI document, so that none can disagree.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { DocumentRow, UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Role } from '#shared/protocol/api.ts'
import type { Action, Authorize } from './authorize.ts'
import type { Identity } from './identity.ts'
import type { Origins } from './origins.ts'

export interface Call<B, Q> {
  body: B
  query: Q
  params: Readonly<Record<string, string>>
  request: FastifyRequest
  reply: FastifyReply
  user: UserRow
  /** The document of `:id`, where the route has an action. */
  document: DocumentRow
  role: Role
}

interface OtherAnswer {
  status: number
  description: string
  answer?: z.ZodType
  media?: string
}

export interface Route<B extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType> {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Fastify's form; `:id` is always a document. */
  url: string
  summary: string
  /** Without one the route needs only a session. */
  action?: Action
  body?: B
  query?: Q
  answer?: z.ZodType
  /** The answer's content types, where it is not JSON alone. */
  media?: string | readonly string[]
  /** Of a good answer; 200 where it is left out. */
  status?: number
  /** What else it may answer, for the OpenAPI document. */
  others?: readonly OtherAnswer[]
  handle(call: Call<z.output<B>, z.output<Q>>): Promise<unknown> | unknown
}

/** Keeps the types of one route's schemas together; does nothing else. */
export const route = <B extends z.ZodType, Q extends z.ZodType>(it: Route<B, Q>): Route =>
  it as unknown as Route

export interface Gate {
  identity: Identity
  origins: Origins
  authorize: Authorize
}

const PUBLIC_CHARACTERS = 300

export function addRoutes(app: FastifyInstance, routes: readonly Route[], gate: Gate): void {
  for (const it of routes) {
    app.route({
      method: it.method,
      url: it.url,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        if (it.method === 'GET') gate.origins.refuseForeign(request.raw)
        else gate.origins.requireOwn(request.raw)
        const user = await gate.identity.require(request.raw)
        const params = request.params as Record<string, string>
        const held = it.action && (await gate.authorize(user.id, it.action, params.id ?? ''))
        const body = parse(it.body, request.body, 'body')
        const query = parse(it.query, request.query, 'query')
        const call = { body, query, params, request, reply, user, ...documentOf(held) }
        const answer = await it.handle(call)
        if (reply.sent) return reply
        return reply.code(it.status ?? 200).send(answer)
      },
    })
  }
}

function documentOf(held: { row: DocumentRow; role: Role } | undefined) {
  // A route without an action does not touch these; the type keeps the others free of checks.
  return { document: held?.row, role: held?.role } as { document: DocumentRow; role: Role }
}

/** Throws `bad-request` whose public sentence names the field at fault. */
function parse(schema: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (!schema) return undefined
  // No body at all says nothing; `null` would be one, of the wrong kind.
  const result = schema.safeParse(value === undefined ? {} : value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  const error = new GlossError('bad-request', `a bad ${part}`, result.error)
  // It may quote what was sent, however much that was.
  const reason = `${path.length > 0 ? `'s ${path.join('.')}` : ''} is not right: ${message}`
  error.public = `The ${part}${reason}`.slice(0, PUBLIC_CHARACTERS)
  throw error
}
