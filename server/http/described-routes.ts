/** What the routes that are no `Route` take and answer, for the OpenAPI document alone. */
import { z } from 'zod'
import { BodySeen, SeenRequest, TicksAsked, WaitAsked } from '#shared/protocol/diagnose.ts'
import type { DescribedRoute } from './openapi.ts'

const TEXT = 'text/plain'
export const EVENTS = 'text/event-stream'
export const OCTETS = 'application/octet-stream'

export const EVENT_STREAM: DescribedRoute = {
  method: 'GET',
  url: '/api/documents/:id/events',
  summary:
    'The lane of the co-pilot, as text/event-stream. Last-Event-ID (or after) replays what came later',
  query: z.object({ after: z.string().optional() }),
  headers: { 'Last-Event-ID': 'The last event that was heard; goes before `after`' },
  media: EVENTS,
}

/** What the page /diagnose asks. */
export const DIAGNOSE: readonly DescribedRoute[] = [
  {
    method: 'GET',
    url: '/api/diagnose/request',
    summary: 'How this request looked when it came',
    open: true,
    answer: SeenRequest,
  },
  {
    method: 'GET',
    url: '/api/diagnose/ticks',
    summary: 'So many events, so many milliseconds apart: whether a proxy holds them back',
    open: true,
    query: TicksAsked,
    media: EVENTS,
  },
  {
    method: 'GET',
    url: '/api/diagnose/wait',
    summary: 'An answer after so many milliseconds: whether a proxy has the patience',
    open: true,
    query: WaitAsked,
    answer: z.object({ ms: z.number() }),
  },
  {
    method: 'POST',
    url: '/api/diagnose/body',
    summary: 'How many bytes have arrived: whether a proxy takes large bodies',
    open: true,
    bodyMedia: OCTETS,
    answer: BodySeen,
  },
]

/** What operators and their machines ask. */
export const FOR_OPERATORS: readonly DescribedRoute[] = [
  {
    method: 'GET',
    url: '/api/openapi.json',
    summary: 'This description',
    open: true,
    answer: z.looseObject({ openapi: z.string() }),
  },
  { method: 'GET', url: '/livez', summary: 'The process lives', open: true, media: TEXT },
  {
    method: 'GET',
    url: '/readyz',
    summary: 'The database takes a write and the bus is connected',
    open: true,
    media: TEXT,
    others: [{ status: 503, description: 'Not ready, and why', media: TEXT }],
  },
  {
    method: 'GET',
    url: '/metrics',
    summary: 'For Prometheus; with GLOSS_METRICS_TOKEN set only for who bears it',
    open: true,
    media: TEXT,
  },
]
