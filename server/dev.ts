/** `npm run dev`: the server with Vite in it. The page reloads itself; node --watch restarts this. */
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { open } from './open.ts'

const gloss = await open(process.env)
const vite = await createServer({
  configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
  server: { middlewareMode: true, hmr: { port: 24_678 }, allowedHosts: true },
  appType: 'spa',
})
const { fastify } = gloss.app
gloss.app.setFallback((request, reply) => {
  reply.hijack()
  vite.middlewares(request.raw, reply.raw)
})
// Vite writes scripts into the page and talks to its own port: the policy is for what we ship.
fastify.addHook('onRequest', async (_request, reply) => {
  reply.raw.removeHeader('content-security-policy')
  reply.removeHeader('content-security-policy')
})
await gloss.listen()
process.stdout.write(`Gloss (development) is at ${gloss.url}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    Promise.all([vite.close(), gloss.close()]).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
}
