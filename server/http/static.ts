/** The built page. Hashed files for ever, the page itself never from a cache; every path is a page. */
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

export const CLIENT_DIST = fileURLToPath(new URL('../../client/dist', import.meta.url))

export async function addPage(app: FastifyInstance): Promise<void> {
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
}
