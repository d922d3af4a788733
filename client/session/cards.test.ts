import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { body, FLAG } from '#shared/document/shape.ts'
import { Cards } from './cards.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const by = { id: 'u1', name: 'Ada' }
const started = {
  type: 'run.started',
  run: 'r1',
  at: 1,
  command: 'proofread',
  title: 'Proofread',
  requester: by,
  model: 'm',
  suggestion: 'r1',
  client: 5,
  queue: 0,
} as const

function documentWith(words: string, op: string, chunk: string) {
  const doc = new Y.Doc()
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  text.insert(0, words, { [FLAG]: `${op}:${chunk}` })
  paragraph.insert(0, [text])
  body(doc).insert(0, [paragraph])
  return { doc, text }
}

test('[V34] a decided line keeps the text it had, also when that is gone from the document', () => {
  const { doc, text } = documentWith(' very', 'del', 'r1.1')
  const cards = new Cards(doc, () => 'u1')
  cards.hear(started)
  vi.advanceTimersByTime(100)
  text.delete(0, text.length)
  vi.advanceTimersByTime(100)

  cards.hear({
    type: 'suggestion.decided',
    run: 'r1',
    at: 2,
    suggestion: 'r1',
    chunks: [1],
    decision: 'accepted',
    by,
  })
  vi.advanceTimersByTime(100)

  expect(cards.store.get()[0]?.chunks[0]).toMatchObject({
    state: 'accepted',
    parts: [{ op: 'del', text: 'very', apart: false }],
  })
  cards.close()
})

test('[V209] a card knows where its run was asked for, from the lane and from the list alike', () => {
  const cards = new Cards(new Y.Doc(), () => 'u1')
  const { type: _, run: id, at: startedAt, client: __, ...same } = started
  const listed = {
    ...same,
    id,
    startedAt,
    instruction: '',
    tokens: 0,
    failure: null,
    progress: null,
    endedAt: null,
  }
  const targetShown = () => {
    vi.advanceTimersByTime(100)
    return cards.store.get()[0]?.run.target
  }

  cards.hear({ ...started, target: { at: 'AAA' } })
  expect(targetShown()).toEqual({ at: 'AAA' })
  cards.load([{ ...listed, status: 'streaming', target: { at: 'BBB' } }])
  expect(targetShown()).toEqual({ at: 'BBB' })
  expect(cards.targetOf('r1')).toEqual({ at: 'BBB' })
  cards.hear({ ...started, target: 'somewhere' })
  expect(targetShown()).toBeNull()
  cards.close()
})

test('[V35] a line begins with its first word, not with the space before it', () => {
  const { doc } = documentWith(' And so on.', 'ins', 'r1.1')
  const cards = new Cards(doc, () => 'u1')
  cards.hear(started)
  vi.advanceTimersByTime(100)

  expect(cards.store.get()[0]?.chunks[0]?.parts).toEqual([
    { op: 'ins', text: 'And so on.', apart: false },
  ])
  cards.close()
})

const finished = {
  type: 'run.finished',
  run: 'r1',
  at: 2,
  reason: 'stop',
  usage: { input: 1, output: 3, estimated: false },
} as const
const listed = {
  id: 'r1',
  suggestion: 'r1',
  command: 'proofread',
  title: 'Proofread',
  instruction: '',
  requester: by,
  model: 'm',
  status: 'streaming',
  queue: 0,
  tokens: 3,
  failure: null,
  startedAt: 1,
  progress: null,
  endedAt: null,
} as const

test('[V183] an answer that is older than what the lane has told does not set a run to writing again', () => {
  const { doc } = documentWith('And so on.', 'ins', 'r1.1')
  const cards = new Cards(doc, () => 'u1')
  cards.hear(started)
  cards.hear({ ...finished, reason: 'stopped', by })
  cards.load([listed])
  vi.advanceTimersByTime(100)

  expect(cards.store.get()[0]?.run).toMatchObject({ status: 'stopped', stoppedBy: 'Ada' })
  cards.close()
})

test('[V184] a run that ends without a word says so for a moment, one whose text was decided does not', () => {
  const { doc, text } = documentWith('And so on.', 'ins', 'r1.1')
  const cards = new Cards(doc, () => 'u1')
  cards.hear(started)
  cards.hear({ ...started, run: 'r2', suggestion: 'r2' })
  vi.advanceTimersByTime(100)
  text.delete(0, text.length)
  for (const run of ['r1', 'r2']) {
    cards.hear({ ...finished, run })
  }
  vi.advanceTimersByTime(100)
  expect(cards.store.get().map(({ id }) => id)).toEqual(['r2'])

  vi.advanceTimersByTime(10_000)
  expect(cards.store.get()).toEqual([])
  cards.close()
})
