/** The built page. Hashed files for ever, the page itself never from a cache; every path is a page. */
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { App } from './app.ts'
import { problemFor, sendProblem } from './errors.ts'

export const CLIENT_DIST = fileURLToPath(new URL('../../client/dist', import.meta.url))

export async function addPage({ fastify: app, setFallback }: App): Promise<void> {
  await app.register(fastifyStatic, {
    root: CLIENT_DIST,
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/')
      reply.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const page = (path: string) =>
    app.get(path, (_request, reply) =>
      reply.header('cache-control', 'no-cache').sendFile('index.html'),
    )
  page('/d/:id')
  page('/diagnose')
  // Whoever follows a broken link gets a page that says so; programs get a problem.
  setFallback((request, reply) => {
    const seen = request.method === 'GET' && request.headers.accept?.includes('text/html')
    if (!seen || request.url.startsWith('/api/')) return sendProblem(reply, problemFor('not-found'))
    reply.code(404).header('cache-control', 'no-cache').sendFile('index.html')
  })
}
