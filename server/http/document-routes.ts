/** /api/documents: create, list, read, change and delete documents, and read what is in them. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Room } from '#server/rooms/room.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentRow, DocumentStore } from '#server/store/document-store.ts'
import { SCHEMA_VERSION } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import {
  type ContentFormat,
  ContentQuery,
  DocumentChange,
  DocumentInfo,
  DocumentPage,
  DocumentQuery,
  NewDocument,
  type Role,
} from '#shared/protocol/api.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { rightOf, roleOf } from './authorize.ts'
import type { EventLanes } from './events.ts'
import type { Identity } from './identity.ts'
import { type Route, route } from './route.ts'

interface Deps {
  limits: Pick<Limits, 'deletedKeptMs'>
  store: DocumentStore
  rooms: RoomRegistry
  identity: Identity
  /** A new document's first content, from markdown; the server writes it, never a client. */
  firstContent: (markdown: string | undefined) => Promise<{ update: Uint8Array; client: number }>
  lanes: Pick<EventLanes, 'recheck'>
}

const TYPES: Readonly<Record<ContentFormat, string>> = {
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
}

const OneDocument = DocumentInfo.extend({
  epoch: z.number().int().describe('another one once the document was restored to an older state'),
  schema: z.number().int().describe('shape of the shared document; a client must know it'),
})
const Page = DocumentPage.extend({ documents: z.array(OneDocument) })
const Hash = z.object({ hash: z.string(), stateVector: z.string() })

export function documentRoutes(deps: Deps): Route[] {
  const { store, rooms, identity, firstContent, lanes, limits } = deps
  const inRoom = async <T>(id: string, use: (room: Room) => T | Promise<T>): Promise<T> => {
    const { room, release } = await rooms.hold(id)
    try {
      return await use(room)
    } finally {
      release()
    }
  }
  // Those who are here must not write one word more; another instance does the same when it hears.
  const recheck = (row: DocumentRow) => {
    rooms.peek(row.id)?.recheck(({ user }) => rightOf(user.id, row))
    lanes.recheck(row)
  }
  rooms.onChange(recheck)
  const changed = (row: DocumentRow) => {
    recheck(row)
    rooms.announceChange()
  }

  return [
    route({
      method: 'POST',
      url: '/api/documents',
      summary: 'Create a document',
      body: NewDocument,
      answer: OneDocument,
      status: 201,
      handle: async ({ user, body: { title, markdown } }) => {
        const { update, client } = await firstContent(markdown)
        const row = await store.createDocument({
          id: randomBytes(12).toString('base64url'),
          owner: user.id,
          title: title || 'Untitled',
          first: update,
          client,
        })
        return infoOf(row, 'owner')
      },
    }),
    route({
      method: 'GET',
      url: '/api/documents',
      summary: 'Documents that I own or that I opened by link',
      query: DocumentQuery,
      answer: Page,
      handle: async ({ user, query: { query, cursor, limit, deleted } }) => {
        if (deleted === 'true') {
          const gone = { owner: user.id, withinMs: limits.deletedKeptMs, limit }
          const rows = await store.deletedDocuments(gone)
          const goneAt = (deletedAt: number) => deletedAt + limits.deletedKeptMs
          return {
            documents: rows.map((row) => ({
              ...infoOf(row, 'owner'),
              goneAt: goneAt(row.deletedAt),
            })),
          }
        }
        const after = cursor === undefined ? undefined : readCursor(cursor)
        const rows = await store.listDocuments({
          user: user.id,
          limit: limit + 1,
          ...(query && { query }),
          ...(after && { after }),
        })
        const page = rows.slice(0, limit)
        const documents = page.flatMap((row) => {
          const role = roleOf(user.id, row)
          return role ? [infoOf(row, role)] : []
        })
        const last = page.at(-1)
        return { documents, ...(rows.length > limit && last ? { cursor: cursorOf(last) } : {}) }
      },
    }),
    route({
      method: 'GET',
      url: '/api/documents/:id',
      summary: 'One document, without its content',
      action: 'read',
      answer: OneDocument,
      handle: async ({ document, role, user }) => {
        if (role !== 'owner') await store.visit(document.id, user.id)
        return infoOf(document, role)
      },
    }),
    route({
      method: 'PATCH',
      url: '/api/documents/:id',
      summary: 'Rename a document, or change what its link is worth',
      action: 'write',
      body: DocumentChange,
      answer: OneDocument,
      handle: async ({ document, role, body: { title, linkRole } }) => {
        if (linkRole !== undefined && role !== 'owner') {
          throw new GlossError('not-allowed', 'only the owner shares')
        }
        const set = {
          ...(title !== undefined && { title: title || 'Untitled' }),
          ...(linkRole && { linkRole }),
        }
        const row = (await store.changeDocument(document.id, set)) ?? document
        changed(row)
        return infoOf(row, role)
      },
    }),
    route({
      method: 'DELETE',
      url: '/api/documents/:id',
      summary: 'Delete a document; its owner can restore it for thirty days',
      action: 'manage',
      status: 204,
      handle: async ({ document }) => {
        const row = await store.changeDocument(document.id, { state: 'deleted' })
        if (row) changed(row)
      },
    }),
    route({
      method: 'POST',
      url: '/api/documents/:id/restore',
      summary: 'Bring a deleted document back, within thirty days; the owner alone may',
      action: 'restore',
      answer: OneDocument,
      handle: async ({ document, role }) => {
        if (document.state === 'active') return infoOf(document, role)
        const row = await store.restoreDocument(document.id, limits.deletedKeptMs)
        if (!row) throw new GlossError('gone', 'deleted too long ago')
        changed(row)
        return infoOf(row, role)
      },
    }),
    route({
      method: 'GET',
      url: '/api/documents/:id/content',
      summary: 'The content, with pending suggestions left out, shown, or as if accepted',
      action: 'read',
      query: ContentQuery,
      media: Object.values(TYPES).map((type) => type.replace(/;.*/, '')),
      handle: async ({ document, query: { format, suggestions }, reply }) => {
        const text = await inRoom(document.id, (room) => room.reading.content(format, suggestions))
        reply.type(TYPES[format])
        // An HTML answer is a document of its own on our origin: nothing in it may act.
        if (format === 'html')
          reply.header('content-security-policy', "default-src 'none'; sandbox")
        return text
      },
    }),
    route({
      method: 'GET',
      url: '/api/documents/:id/hash',
      summary: 'A hash of the content at a state vector, for a client that compares itself',
      action: 'read',
      answer: Hash,
      handle: ({ document }) =>
        inRoom(document.id, async (room) => {
          const { hash, stateVector } = await room.reading.hash()
          return { hash, stateVector: Buffer.from(stateVector).toString('base64url') }
        }),
    }),
    route({
      method: 'POST',
      url: '/api/documents/:id/ticket',
      summary: 'A ticket for one socket: Sec-WebSocket-Protocol: gloss.ticket.<ticket>',
      action: 'read',
      answer: z.object({ ticket: z.string() }),
      status: 201,
      handle: ({ user, document }) => ({ ticket: identity.createTicket(user.id, document.id) }),
    }),
  ]
}

const infoOf = (row: DocumentRow, role: Role) => ({
  id: row.id,
  title: row.title,
  role,
  linkRole: row.linkRole,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  schema: SCHEMA_VERSION,
  epoch: row.epoch,
})

const cursorOf = ({ updatedAt, id }: DocumentRow): string => `${updatedAt}.${id}`

function readCursor(cursor: string): { updatedAt: number; id: string } {
  const [, at, id] = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor) ?? []
  if (at === undefined || id === undefined) throw new GlossError('bad-request', 'not a cursor')
  return { updatedAt: Number(at), id }
}
