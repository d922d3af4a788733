/**
 * What each fault of a model means for the people in the document, and for whoever may try again.
 * One total table. The sentences are all that people ever see of an upstream's trouble; they hold
 * whether or not some text had come before.
 */
import type { FailureKind } from '#shared/protocol/event.ts'
import type { ModelFault } from './endpoint.ts'

export interface FaultMeaning {
  failure: FailureKind
  /** What happened, what is safe, what to do. */
  message: string
  /** *Continue* makes sense: the same request may well succeed. */
  continuable: boolean
  /** Trying again by itself makes sense, as long as no text has been given out. */
  retryable: boolean
}

const passing = { continuable: true, retryable: true }
const final = { continuable: false, retryable: false }
const manual = { continuable: true, retryable: false }

export const FAULTS: Record<ModelFault, FaultMeaning> = {
  auth: {
    failure: 'provider',
    message:
      'The model refused our key. Your document is unchanged. Ask whoever runs this server to check the key.',
    ...final,
  },
  'not-found': {
    failure: 'provider',
    message:
      'The model could not be found. Your document is unchanged. Ask whoever runs this server to check its address and name.',
    ...final,
  },
  'bad-request': {
    failure: 'provider',
    message:
      'The model did not accept the request. Your document is unchanged. Try other words, or a smaller selection.',
    ...final,
  },
  'context-length': {
    failure: 'provider',
    message:
      'This is more text than the model can read at once. Your document is unchanged. Select less and ask again.',
    ...final,
  },
  'rate-limit': {
    failure: 'busy',
    message:
      'The model is taking no more requests for now. Nothing is lost. Try again in a minute.',
    ...passing,
  },
  quota: {
    failure: 'budget',
    message:
      'The account with the model is used up. Nothing is lost. Ask whoever runs this server to top it up.',
    ...final,
  },
  overloaded: {
    failure: 'busy',
    message: 'The model is overloaded. Nothing is lost. Try again in a minute.',
    ...passing,
  },
  server: {
    failure: 'provider',
    message: 'The model failed on its side. What it wrote so far is kept. Try again.',
    ...passing,
  },
  connect: {
    failure: 'provider',
    message: 'The model cannot be reached. Nothing is lost. Try again in a moment.',
    ...passing,
  },
  reset: {
    failure: 'provider',
    message: 'The connection to the model broke. What it wrote so far is kept. Try again.',
    ...passing,
  },
  truncated: {
    failure: 'provider',
    message: 'The model stopped before its end. What it wrote so far is kept. Try again.',
    ...passing,
  },
  'bad-stream': {
    failure: 'provider',
    message: 'The model sent something unreadable. What it wrote so far is kept. Try again.',
    ...passing,
  },
  'timeout-headers': {
    failure: 'timeout',
    message: 'The model did not answer in time. Nothing is lost. Try again.',
    ...passing,
  },
  'timeout-first': {
    failure: 'timeout',
    message: 'The model did not begin to write in time. Nothing is lost. Try again.',
    ...passing,
  },
  'timeout-idle': {
    failure: 'timeout',
    message: 'The model fell silent. What it wrote so far is kept. Try again.',
    ...manual,
  },
  'timeout-total': {
    failure: 'timeout',
    message:
      'The model took too long to finish. What it wrote so far is kept. Continue if it helps.',
    ...manual,
  },
  stalled: {
    failure: 'interrupted',
    message: 'Writing was interrupted on this server. What is written so far is kept. Try again.',
    ...manual,
  },
  cancelled: {
    failure: 'interrupted',
    message: 'Writing was interrupted. What is written so far is kept. Continue if it helps.',
    ...manual,
  },
}
