import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { decodeFrame } from '#shared/protocol/frame.ts'
import { Transcript } from './transcript.ts'

type Step =
  | { kind: 'type' | 'erase' | 'paste'; writer: number; at: number }
  | { kind: 'open' }
  | { kind: 'join'; knows: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('type', 'erase'),
      writer: fc.nat(2),
      at: fc.nat(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('paste'), writer: fc.nat(2), at: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'open' }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('join'), knows: fc.nat() }) },
) as fc.Arbitrary<Step>

/** A log that writers add to, and the document that it comes to. */
class Log {
  readonly truth = new Y.Doc()
  readonly rows: Uint8Array[] = []
  readonly #writers = [11, 12, 13].map((clientID) => {
    const doc = new Y.Doc()
    doc.clientID = clientID
    return doc
  })

  write({ kind, writer, at }: Extract<Step, { writer: number }>): Uint8Array | undefined {
    const doc = this.#writers[writer]!
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.truth))
    const text = doc.getText('t')
    if (kind === 'erase' && text.length === 0) return undefined
    const before = Y.encodeStateVector(doc)
    if (kind === 'erase') text.delete(at % text.length, 1)
    else text.insert(at % (text.length + 1), kind === 'paste' ? 'long '.repeat(1000) : 'a')
    const update = Y.encodeStateAsUpdate(doc, before)
    Y.applyUpdate(this.truth, update)
    this.rows.push(update)
    return update
  }
}

/** A document as a peer has it: the frames applied to what it had. */
function told(frames: readonly Uint8Array[], had?: Y.Doc): Y.Doc {
  const doc = new Y.Doc()
  if (had) Y.applyUpdate(doc, Y.encodeStateAsUpdate(had))
  for (const bytes of frames) {
    const frame = decodeFrame(bytes)
    if (frame.kind !== 'sync-step-2' && frame.kind !== 'update') throw new Error(frame.kind)
    Y.applyUpdate(doc, frame.update)
  }
  return doc
}

const says = (doc: Y.Doc) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')

test('[R92] whoever joins gets the whole document, from bytes or from the Y.Doc, at any moment', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.nat(20),
      fc.boolean(),
      (steps, old, hasSnapshot) => {
        const log = new Log()
        for (let n = 0; n <= old; n++) log.write({ kind: 'type', writer: n % 3, at: n * 7 })
        const transcript = new Transcript({
          snapshot: hasSnapshot ? { seq: 0, data: Y.encodeStateAsUpdate(log.truth) } : undefined,
          updates: hasSnapshot ? [] : log.rows.map((data, n) => ({ seq: n + 1, actor: 'a', data })),
        })
        const past: Y.Doc[] = [new Y.Doc()]
        let doc: Y.Doc | undefined
        for (const one of steps) {
          if (one.kind === 'open') {
            if (doc) continue
            doc = new Y.Doc()
            transcript.open(doc, 'test')
            expect(says(doc)).toBe(says(log.truth))
          } else if (one.kind === 'join') {
            const had = past[one.knows % past.length]!
            const now = told(transcript.answer(Y.encodeStateVector(had)), had)
            expect(says(now)).toBe(says(log.truth))
            expect(now.store.pendingStructs).toBeNull()
            past.push(now)
          } else {
            const update = log.write(one)
            if (!update) continue
            transcript.add(update)
            if (doc) Y.applyUpdate(doc, update)
          }
          const asked = decodeFrame(transcript.question())
          const vector = 'stateVector' in asked ? Y.decodeStateVector(asked.stateVector) : undefined
          expect(vector).toEqual(Y.decodeStateVector(Y.encodeStateVector(log.truth)))
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('[R93] all who join between two commits are sent the very same bytes', () => {
  const log = new Log()
  log.write({ kind: 'paste', writer: 0, at: 0 })
  const transcript = new Transcript({
    snapshot: { seq: 1, data: Y.encodeStateAsUpdate(log.truth) },
    updates: [],
  })
  const nothing = new Uint8Array([0])
  const all = Y.encodeStateVector(log.truth)

  const [first] = transcript.answer(nothing)
  const [again] = transcript.answer(all)
  expect(transcript.answer(nothing)[0]).toBe(first)
  expect(transcript.answer(all)[0]).toBe(again)
  expect(transcript.question()).toBe(transcript.question())

  transcript.add(log.write({ kind: 'erase', writer: 1, at: 3 })!)

  // The long part is not put together anew: what came since follows it.
  expect(transcript.answer(nothing)[0]).toBe(first)
  expect(transcript.answer(nothing)).toHaveLength(2)
  // A deletion changes no state vector, and must be told all the same.
  expect(transcript.answer(all)[0]).not.toBe(again)
})

test('[R94] a log that was never compacted is put together once, not for each who joins', () => {
  const log = new Log()
  for (let n = 0; n < 900; n++)
    log.write({ kind: n % 9 ? 'type' : 'erase', writer: n % 3, at: n * 31 })
  const updates = log.rows.map((data, n) => ({ seq: n + 1, actor: 'a', data }))
  const transcript = new Transcript({ snapshot: undefined, updates })

  const [first, ...rest] = transcript.answer(new Uint8Array([0]))

  expect(rest).toEqual([])
  expect(transcript.answer(new Uint8Array([0]))[0]).toBe(first)
  expect(says(told([first!]))).toBe(says(log.truth))
})
