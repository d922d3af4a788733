/** Request bodies: JSON alone, of bounded size and depth, with no `__proto__` in it. */
import type { FastifyInstance } from 'fastify'
import { GlossError } from '#shared/errors.ts'

export function acceptJson(app: FastifyInstance, maxDepth: number): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined)
    if (depthOf(String(text)) > maxDepth) {
      return done(new GlossError('bad-request', 'the JSON is too deep'))
    }
    return parse(request, String(text), done)
  })
}

/** Nesting of brackets outside strings: found without parsing, so that depth cannot hurt. */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x5b || c === 0x7b) deepest = Math.max(deepest, ++depth)
    else if (c === 0x5d || c === 0x7d) depth--
  }
  return deepest
}
