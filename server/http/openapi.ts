/** GET /api/openapi.json: the routes, written from the very schemas that validate them. */
import { z } from 'zod'
import { Problem } from '#shared/protocol/api.ts'
import type { Route } from './route.ts'

/** What of a route others must know. */
export type DescribedRoute = Omit<Route, 'handle' | 'action'>

/** The lane, which answers with no JSON and is therefore no `Route`. */
export const EVENT_STREAM: DescribedRoute = {
  method: 'GET',
  url: '/api/documents/:id/events',
  summary:
    'The lane of the co-pilot, as text/event-stream. Last-Event-ID (or after) replays what came later',
  query: z.object({ after: z.string().optional() }),
  answer: z.string(),
  media: 'text/event-stream',
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' })

const json = (schema: object) => ({ 'application/json': { schema } })

export function openApi(routes: readonly DescribedRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Gloss', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'gloss' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
    security: [{ session: [] }, { bearer: [] }],
  }
}

function operation(route: DescribedRoute): object {
  const { url, summary, body, query, answer, status = 200, media = 'application/json' } = route
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const fields = query instanceof z.ZodObject ? Object.entries(query.shape) : []
  const inQuery = fields.map(([name, field]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(field as z.ZodType, 'input'),
  }))
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body ? { requestBody: { required: true, content: json(schemaOf(body, 'input')) } } : {}),
    responses: {
      [status]: {
        description: 'Done',
        ...(answer && { content: { [media]: { schema: schemaOf(answer, 'output') } } }),
      },
      default: {
        description: 'Refused',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
  }
}
