/** What the store's two threads say to each other: the port's calls, and their ends. */
import type { ErrorCode } from '#shared/errors.ts'
import type { DocumentStore } from './document-store.ts'

export type StoreCall = keyof DocumentStore

export interface SqliteOptions {
  path: string
  documentBytes: number
  ballastBytes: number
  maxPages: number | undefined
}

/** To the worker. `close` is answered once every call before it is, and the files are closed. */
export interface CallMessage {
  call: number
  name: StoreCall
  given: unknown[]
}

export interface Failure {
  code: ErrorCode
  message: string
  cause: unknown
}

/** From the worker: one `open` or `refused` first, then one end for each call. */
export type WorkerMessage =
  | { kind: 'open' }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'answer'; call: number; value: unknown }
  | { kind: 'failure'; call: number; failure: Failure }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; facts: object; sentence: string }

/**
 * The same value with each byte array in a buffer of its own size. Between threads a view would
 * take along the whole buffer behind it.
 */
export function compact(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    const whole = value.byteLength === value.buffer.byteLength && value.constructor === Uint8Array
    return whole ? value : new Uint8Array(value)
  }
  if (Array.isArray(value)) return value.map(compact)
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, compact(one)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, compact(one)]))
}
