/** /api/session: a guest's identity, from the first visit to being forgotten on a device. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { DocumentStore, UserRow } from '#server/store/document-store.ts'
import { Session, SessionChange } from '#shared/protocol/api.ts'
import type { Identity } from './identity.ts'
import type { DescribedRoute } from './openapi.ts'
import type { Origins } from './origins.ts'
import { type Route, route } from './route.ts'

const toSession = ({ id, name, color }: UserRow): Session => ({ id, name, color })

export const NewSession = Session.extend({
  token: z.string().optional().describe('for programs: Authorization: Bearer <token>'),
})

export const SIGN_IN: DescribedRoute = {
  method: 'POST',
  url: '/api/session',
  summary: 'Who am I; makes a guest of whoever is nobody yet, and gives a page its cookie',
  open: true,
  answer: NewSession,
  status: 201,
  others: [{ status: 200, description: 'Who it is already', answer: Session }],
}

/** The one route that needs no session. A program without an origin gets its token in the body. */
export function addSignIn(app: FastifyInstance, identity: Identity, origins: Origins): void {
  app.post('/api/session', async (request, reply) => {
    origins.refuseForeign(request.raw)
    const known = await identity.find(request.raw)
    if (known) return toSession(known)
    const { user, setCookie, token } = await identity.createGuest()
    const fromPage = request.headers.origin !== undefined
    if (fromPage) reply.header('set-cookie', setCookie)
    return reply.code(201).send({ ...toSession(user), ...(fromPage ? {} : { token }) })
  })
}

export function sessionRoutes(store: DocumentStore, identity: Identity): Route[] {
  return [
    route({
      method: 'GET',
      url: '/api/session',
      summary: 'Who am I',
      answer: Session,
      handle: ({ user }) => toSession(user),
    }),
    route({
      method: 'PATCH',
      url: '/api/session',
      summary: 'Change my name or colour',
      body: SessionChange,
      answer: Session,
      handle: async ({ user, body: { name, color } }) => {
        const set = { ...(name && { name }), ...(color && { color }) }
        return toSession((await store.changeUser(user.id, set)) ?? user)
      },
    }),
    route({
      method: 'DELETE',
      url: '/api/session',
      summary: 'Forget me in this browser: takes the cookie away',
      status: 204,
      handle: ({ reply }) => {
        reply.header('set-cookie', identity.expiredCookie)
      },
    }),
  ]
}
