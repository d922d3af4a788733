/** An address that exists answers a method it does not take with 405 and those that it does. */
import type { FastifyInstance } from 'fastify'
import { problemFor, sendProblem } from './errors.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** To be called before the routes are added; what it returns, when all are. */
export function watchMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = taken.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    taken.set(url, methods)
  })
  return () => {
    for (const [url, methods] of [...taken]) {
      const allow = [...methods].join(', ')
      const others = METHODS.filter((method) => !methods.has(method))
      if (others.length === 0) continue
      app.route({
        method: others,
        url,
        exposeHeadRoute: false,
        // Before the body is read: what it holds does not matter any more.
        onRequest: async (_request, reply) => {
          const detail = `This address takes ${allow}.`
          reply.header('allow', allow)
          return sendProblem(reply, {
            ...problemFor('bad-request', detail),
            type: '/problems/method-not-allowed',
            title: 'Method not allowed',
            status: 405,
          })
        },
        handler: () => undefined,
      })
    }
  }
}
