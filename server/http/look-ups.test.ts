import { expect, test } from 'vitest'
import type { DocumentStore } from '#server/store/document-store.ts'
import { LookUps } from './look-ups.ts'

type LookUp = DocumentStore['lookUp']
type Ids = Parameters<LookUp>[0]
type Rows = Awaited<ReturnType<LookUp>>

/** A store whose answers are held until they are given. */
function store() {
  const asked: { ids: Ids; answer(rows: Partial<Rows>): void; fail(): void }[] = []
  const lookUp: LookUp = (ids) => {
    const { promise, resolve, reject } = Promise.withResolvers<Rows>()
    asked.push({
      ids,
      answer: (rows) => resolve({ users: new Map(), documents: new Map(), ...rows }),
      fail: () => reject(new Error('no answer')),
    })
    return promise
  }
  return { asked, lookUps: new LookUps({ lookUp }) }
}

const user = (name: string) => ({ id: 'ada', name, color: '#000000', createdAt: 0 })
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('[H113] who comes while a question is under way is asked for in the next, all at once', async () => {
  const { asked, lookUps } = store()
  const first = lookUps.user('ada')
  await turn()
  const later = [lookUps.user('ada'), lookUps.user('ben'), lookUps.document('plan')]
  await turn()
  expect(asked.map(({ ids }) => ids)).toEqual([{ users: ['ada'], documents: [] }])

  asked[0]!.answer({ users: new Map([['ada', user('Ada')]]) })
  expect(await first).toMatchObject({ name: 'Ada' })
  await turn()

  expect(asked[1]!.ids).toEqual({ users: ['ada', 'ben'], documents: ['plan'] })
  // Renamed meanwhile: what is asked later is never answered by an earlier look.
  asked[1]!.answer({ users: new Map([['ada', user('Countess')]]) })
  expect(await later[0]).toMatchObject({ name: 'Countess' })
  expect(await later[1]).toBeUndefined()
  expect(await later[2]).toBeUndefined()
})

test('[H113] a question that fails fails those who asked it, and the next is asked', async () => {
  const { asked, lookUps } = store()
  const first = expect(lookUps.user('ada')).rejects.toThrow('no answer')
  await turn()
  const next = lookUps.user('ada')

  asked[0]!.fail()
  await first
  await turn()
  asked[1]!.answer({ users: new Map([['ada', user('Ada')]]) })

  expect(await next).toMatchObject({ name: 'Ada' })
})

test('[H113] a question holds a thousand names at most', async () => {
  const { asked, lookUps } = store()
  const all = Array.from({ length: 1_500 }, (_, n) => lookUps.document(`d${n}`))
  await turn()
  asked[0]!.answer({})
  await turn()
  asked[1]!.answer({})

  await Promise.all(all)
  expect(asked.map(({ ids }) => ids.documents.length)).toEqual([1_000, 500])
})

test('[H113] whoever asks in the very breath in which the last answer came is answered too', async () => {
  const rows = { users: new Map([['ada', user('Ada')]]), documents: new Map() }
  const lookUps = new LookUps({ lookUp: async () => rows })

  for (let n = 0; n < 20; n++) {
    const answer = lookUps.user('ada')
    for (let breath = 0; breath < n; breath++) await Promise.resolve()
    expect(await lookUps.user('ada')).toBe(await answer)
  }
})
