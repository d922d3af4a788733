/** Runs and suggestions over HTTP: ask, list, stop, decide. */
import { z } from 'zod'
import type { Runs } from '#server/ai/runs.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import {
  Contested,
  CopilotInfo,
  Decide,
  Decided,
  NewRun,
  RunInfo,
  SuggestionInfo,
} from '#shared/protocol/api.ts'
import { type Route, route } from './route.ts'

export function runRoutes(runs: Runs, rooms: RoomRegistry): Route[] {
  return [
    route({
      method: 'GET',
      url: '/api/copilot',
      summary: 'What the co-pilot can do here',
      answer: CopilotInfo,
      handle: () => runs.info(),
    }),
    route({
      method: 'POST',
      url: '/api/documents/:id/runs',
      summary: 'Ask the co-pilot; its text streams into the document for everybody',
      action: 'write',
      body: NewRun,
      answer: z.object({ run: RunInfo }),
      status: 202,
      handle: async ({ document, user, body }) => ({ run: await runs.start(document, user, body) }),
    }),
    route({
      method: 'GET',
      url: '/api/documents/:id/runs',
      summary: 'Live and recent runs',
      action: 'read',
      answer: z.object({ runs: z.array(RunInfo) }),
      handle: async ({ document }) => ({ runs: await runs.list(document.id) }),
    }),
    route({
      method: 'POST',
      url: '/api/documents/:id/runs/:run/stop',
      summary: 'Stop a run; anybody who may edit may',
      action: 'write',
      answer: z.object({ run: RunInfo }),
      status: 202,
      handle: async ({ document, params, user }) => ({
        run: await runs.stop(document.id, params.run ?? '', { id: user.id, name: user.name }),
      }),
    }),
    route({
      method: 'GET',
      url: '/api/documents/:id/suggestions',
      summary: 'Pending suggestions with their chunks',
      action: 'read',
      answer: z.object({ suggestions: z.array(SuggestionInfo) }),
      handle: async ({ document }) => {
        const { room, release } = await rooms.hold(document.id)
        try {
          return { suggestions: room.reading.suggestions() }
        } finally {
          release()
        }
      },
    }),
    route({
      method: 'POST',
      url: '/api/documents/:id/suggestions/:suggestion/decision',
      summary: 'Accept, reject or reopen a suggestion, or some chunks of it',
      action: 'write',
      body: Decide,
      answer: Decided,
      others: [
        {
          status: 409,
          description: 'Somebody was first, or it cannot be taken back any more',
          answer: Contested,
          media: 'application/problem+json',
        },
      ],
      handle: async ({ document, params, user, body: { decision, chunks, key } }) => {
        const { room, release } = await rooms.hold(document.id)
        try {
          return await room.decide({
            suggestion: params.suggestion ?? '',
            decision,
            key,
            by: { id: user.id, name: user.name },
            ...(chunks && { chunks }),
          })
        } finally {
          release()
        }
      },
    }),
  ]
}
