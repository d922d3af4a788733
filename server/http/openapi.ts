/** GET /api/openapi.json: the routes, written from the very schemas that validate them. */
import { z } from 'zod'
import { Problem } from '#shared/protocol/api.ts'
import type { Route } from './route.ts'

/** What of a route others must know. */
export interface DescribedRoute extends Omit<Route, 'handle' | 'action'> {
  /** Whoever asks; no session is needed. */
  open?: boolean
  /** Headers of the request that mean something here, and what. */
  headers?: Readonly<Record<string, string>>
  /** The body's content type, where it is not JSON. */
  bodyMedia?: string
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' })

const REFUSED = {
  description: 'Refused',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** `cookie` is the name of the session's cookie, which is another one over HTTPS. */
export function openApi(
  routes: readonly DescribedRoute[],
  { version, cookie }: { version: string; cookie: string },
): object {
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
        session: { type: 'apiKey', in: 'cookie', name: cookie },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
    security: [{ session: [] }, { bearer: [] }],
  }
}

function operation(route: DescribedRoute): object {
  const { url, summary, query, headers = {}, open } = route
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
    required: !mayBeAbsent(field as z.ZodType),
    schema: schemaOf(field as z.ZodType, 'input'),
  }))
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
  return {
    summary,
    ...(open && { security: [] }),
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...bodyOf(route),
    responses: responsesOf(route),
  }
}

function bodyOf({ body, bodyMedia }: DescribedRoute): object {
  if (bodyMedia) return { requestBody: { required: true, content: { [bodyMedia]: {} } } }
  if (!body) return {}
  const content = { 'application/json': { schema: schemaOf(body, 'input') } }
  return { requestBody: { required: !body.safeParse({}).success, content } }
}

function responsesOf({ status = 200, answer, media, others = [] }: DescribedRoute): object {
  const answers = [{ status, description: 'Done', answer, media }, ...others]
  return {
    ...Object.fromEntries(
      answers.map((one) => [one.status, { description: one.description, ...contentOf(one) }]),
    ),
    default: REFUSED,
  }
}

interface Answered {
  answer?: z.ZodType | undefined
  media?: string | readonly string[] | undefined
}

/** One answer in each of its media; only JSON has a schema that says more than its name. */
function contentOf({ answer, media }: Answered): object {
  if (!answer && !media) return {}
  const names = media === undefined ? ['application/json'] : [media].flat()
  const content = (name: string) =>
    answer && isJson(name) ? { schema: schemaOf(answer, 'output') } : {}
  return { content: Object.fromEntries(names.map((name) => [name, content(name)])) }
}

const isJson = (media: string): boolean => /[/+]json$/.test(media)

const mayBeAbsent = (field: z.ZodType): boolean => field.safeParse(undefined).success
