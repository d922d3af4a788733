/** The HTTP calls of the page, each answer parsed with the schema that the server wrote it by. */
import { z } from 'zod'
import {
  CopilotInfo,
  type Decide,
  DocumentInfo,
  DocumentPage,
  type LinkRole,
  type NewRun,
  Problem,
  RunInfo,
  Session,
} from '#shared/protocol/api.ts'

/** A refused request, in the server's words for a person. */
export class ApiProblem extends Error {
  readonly status: number
  readonly type: string

  constructor({ status, type, detail }: Problem) {
    super(detail)
    this.name = 'ApiProblem'
    this.status = status
    this.type = type
  }
}

/** Told by this page itself: it cannot show a document of a later shape. */
export const OUTDATED: Problem = {
  status: 0,
  type: '/problems/outdated',
  title: 'Outdated',
  detail: 'This page is older than the document.',
}

const OneDocument = DocumentInfo.extend({ schema: z.number(), epoch: z.number() })
export type OneDocument = z.infer<typeof OneDocument>
const Runs = z.object({ runs: z.array(RunInfo) })
const OneRun = z.object({ run: RunInfo })
const ContentHash = z.object({ hash: z.string(), stateVector: z.string() })

/** Throws ApiProblem; status 0 where the server was not reached. */
async function call<T>(
  schema: z.ZodType<T>,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiProblem({
      status: 0,
      type: '/problems/offline',
      title: 'Offline',
      detail: 'The server cannot be reached right now.',
    })
  })
  if (!response.ok) throw new ApiProblem(await problemOf(response))
  return schema.parse(response.status === 204 ? undefined : await response.json())
}

async function problemOf(response: Response): Promise<Problem> {
  const { status } = response
  const text = await response.text()
  try {
    return Problem.parse(JSON.parse(text))
  } catch {
    const detail = 'The server did not answer as it should. Try again in a moment.'
    return { status, type: '/problems/unknown', title: 'Unknown', detail }
  }
}

/** A proxy in front of a server that is away answers too, with 502 to 504. */
const isAnswer = (status: number): boolean => status > 0 && status < 500

const at = (id: string, rest = '') => `/api/documents/${encodeURIComponent(id)}${rest}`

export const api = {
  /** Who am I; makes a guest of whoever is nobody yet. */
  signIn: () => call(Session, 'POST', '/api/session'),
  changeSession: (set: { name?: string; color?: string }) =>
    call(Session, 'PATCH', '/api/session', set),
  /** Takes this browser's cookie away. */
  signOut: () => call(z.undefined(), 'DELETE', '/api/session'),
  copilot: () => call(CopilotInfo, 'GET', '/api/copilot'),
  /** Whether the server answers at all; what it says does not matter. */
  reaches: () =>
    call(z.unknown(), 'GET', '/api/copilot').then(
      () => true,
      (problem: unknown) => problem instanceof ApiProblem && isAnswer(problem.status),
    ),

  documents: (query: { query?: string; cursor?: string; limit?: number; deleted?: true } = {}) => {
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    )
    return call(DocumentPage, 'GET', `/api/documents?${new URLSearchParams(pairs)}`)
  },
  createDocument: (document: { title?: string; markdown?: string }) =>
    call(OneDocument, 'POST', '/api/documents', document),
  document: (id: string) => call(OneDocument, 'GET', at(id)),
  changeDocument: (id: string, set: { title?: string; linkRole?: LinkRole }) =>
    call(OneDocument, 'PATCH', at(id), set),
  deleteDocument: (id: string) => call(z.undefined(), 'DELETE', at(id)),
  /** The owner's, while it is not gone for good. */
  restoreDocument: (id: string) => call(OneDocument, 'POST', at(id, '/restore')),
  hash: (id: string) => call(ContentHash, 'GET', at(id, '/hash')),
  /** For a link that the browser downloads. */
  contentUrl: (id: string, format: string, suggestions: 'without' | 'accepted') =>
    at(id, `/content?format=${format}&suggestions=${suggestions}`),

  runs: (id: string) => call(Runs, 'GET', at(id, '/runs')).then(({ runs }) => runs),
  startRun: (id: string, ask: NewRun) =>
    call(OneRun, 'POST', at(id, '/runs'), ask).then(({ run }) => run),
  stopRun: (id: string, run: string) =>
    call(OneRun, 'POST', at(id, `/runs/${run}/stop`)).then(({ run }) => run),
  decide: (id: string, suggestion: string, decision: z.infer<typeof Decide>) =>
    call(z.unknown(), 'POST', at(id, `/suggestions/${suggestion}/decision`), decision),
}
