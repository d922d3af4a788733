/** The contract: what a commit writes, what it refuses, and what many at once come to. */
import { expect, test } from 'vitest'
import type { StoredChunk } from '../document-store.ts'
import {
  bytes,
  commitOne,
  makeDocument,
  type OpenStore,
  refusalOf,
  text,
  withPlan,
  wordsOf,
  writing,
} from './harness.ts'

export function commitContract(open: OpenStore): void {
  test('[D10] a resolved commit is there after the database was opened again, byte for byte', async () => {
    await using harness = await open()
    await withPlan(harness.store)
    const all = Uint8Array.from({ length: 256 }, (_, at) => at)
    const given = { ...writing([]), updates: [{ actor: 'ben', data: all }] }

    const result = await commitOne(harness.store, given)
    await harness.reopen()

    expect(result).toMatchObject({ ok: true, from: 2, head: 2, eventFrom: 1, eventHead: 0 })
    const loaded = await harness.store.load('plan')
    expect(loaded?.updates[1]).toEqual({ seq: 2, actor: 'ben', data: all })
    expect(loaded?.row).toMatchObject({ head: 2, bytes: 5 + 256 })
  })

  test('[D11] however many commit at once, the sequence has no gap and tells everybody their own', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')
    const many = Array.from({ length: 60 }, (_, at) => `w${at}`)

    const results = await Promise.all(
      many.map((word) =>
        store.commit([
          { ...writing([word, `${word}+`]), events: [{ type: 't', run: 'r', data: word }] },
          { ...writing([word]), document: 'other' },
        ]),
      ),
    )

    const { updates = [] } = (await store.load('plan')) ?? {}
    expect(updates.map(({ seq }) => seq)).toEqual(Array.from({ length: 121 }, (_, at) => at + 1))
    const events = await store.eventsAfter('plan', 0, 1000)
    expect(events.map(({ n }) => n)).toEqual(many.map((_, at) => at + 1))
    for (const [at, [first]] of results.entries()) {
      if (!first?.ok) throw new Error('refused')
      expect(first.head).toBe(first.from + 1)
      expect(text(updates[first.from - 1]?.data)).toBe(many[at])
      expect(text(updates[first.head - 1]?.data)).toBe(`${many[at]}+`)
      expect(events[first.eventFrom - 1]?.data).toBe(many[at])
    }
    expect((await store.getDocument('other'))?.head).toBe(61)
  })

  test('[D12] a refused commit writes nothing, and does not stop the others beside it', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')
    const refused = writing(['no'], {
      epoch: 9,
      clients: [{ client: 5, owner: 'eve' }],
      chunks: [chunk('c1', 'open')],
      events: [{ type: 't', run: 'r', data: 'no' }],
    })

    const results = await store.commit([
      writing(['one']),
      refused,
      { ...writing(['two']), document: 'other' },
      { ...writing(['no']), document: 'none' },
      writing(['three']),
    ])

    expect(results.map((result) => (result.ok ? result.head : result.refusal))).toEqual([
      2,
      'epoch',
      2,
      'gone',
      3,
    ])
    const loaded = await store.load('plan')
    expect(loaded?.updates.map(({ data }) => text(data))).toEqual(['first', 'one', 'three'])
    expect(loaded?.clients.has(5)).toBe(false)
    expect(loaded?.chunks).toEqual([])
    expect(loaded?.row.eventHead).toBe(0)
  })

  test('[D13] a deleted document takes nothing more, and its content stays', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.changeDocument('plan', { state: 'deleted' })

    expect(await refusalOf(store, writing(['late']))).toBe('gone')
    expect(await wordsOf(store, 'plan')).toEqual(['first'])
    expect((await store.load('plan'))?.row.state).toBe('deleted')
  })

  test('[D14] the owner may always write, others only while the link says so', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    const by = (...writers: string[]) => refusalOf(store, writing(['x'], { writers }))

    expect(await by('ada')).toBe('accepted')
    expect(await by('ben')).toBe('forbidden')
    await store.changeDocument('plan', { linkRole: 'view' })
    await store.visit('plan', 'ben')
    expect(await by('ben')).toBe('forbidden')
    expect(await by('ada', 'ben')).toBe('forbidden')
    await store.changeDocument('plan', { linkRole: 'edit' })
    expect(await by('ada', 'ben')).toBe('accepted')
    await store.changeDocument('plan', { linkRole: 'none' })
    expect(await by('ben')).toBe('forbidden')
    expect(await by('ada')).toBe('accepted')
  })

  test('[D15] the first owner of a Yjs client keeps it, in the same transaction too', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')
    const claim = (owner: string, document = 'plan') => ({
      ...writing([owner]),
      document,
      clients: [{ client: 9, owner }],
    })

    const results = await store.commit([claim('ben'), claim('eve'), claim('ben')])
    const later = await refusalOf(store, claim('eve'))
    const elsewhere = await refusalOf(store, claim('eve', 'other'))

    expect(results.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(later).toBe('foreign-client')
    expect(elsewhere).toBe('accepted')
    expect(
      await refusalOf(store, { ...claim('eve'), clients: [{ client: 1, owner: 'eve' }] }),
    ).toBe('foreign-client')
    const twice = ['x', 'y'].map((owner) => ({ client: 11, owner }))
    expect(await refusalOf(store, writing(['z'], { clients: twice }))).toBe('foreign-client')
    expect((await store.load('plan'))?.clients).toEqual(
      new Map([
        [1, 'ada'],
        [9, 'ben'],
      ]),
    )
  })

  test('[D16] of two decisions on a chunk the first wins, at once or later, until it is reopened', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing([], { chunks: [chunk('c1', 'writing'), chunk('c2', 'open')] }))
    const decide = (state: StoredChunk['state']) =>
      writing([state], { undecided: ['c1'], chunks: [{ ...chunk('c1', state), decidedBy: 'ben' }] })

    const together = await store.commit([decide('accepted'), decide('rejected')])
    const later = await refusalOf(store, decide('rejected'))

    expect(together.map((one) => (one.ok ? 'ok' : one.refusal))).toEqual(['ok', 'decided'])
    expect(later).toBe('decided')
    expect((await store.load('plan'))?.chunks.map(({ id, state }) => [id, state])).toEqual([
      ['c1', 'accepted'],
      ['c2', 'open'],
    ])
    const reopen = writing([], { chunks: [chunk('c1', 'open')] })
    const again = await store.commit([reopen, decide('rejected'), decide('accepted')])
    expect(again.map((one) => (one.ok ? 'ok' : one.refusal))).toEqual(['ok', 'ok', 'decided'])
  })

  test('[D17] a chunk is kept whole, with its ranges, while it is undecided or lately decided', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    const old = { ...chunk('c0', 'rejected'), decidedBy: 'ada', decidedAt: 5 }
    const one = {
      ...chunk('c1', 'open'),
      ins: [range(7, 0, 4), range(3, 9, 12)],
      del: [range(1, 2, 3)],
    }
    const two = {
      ...chunk('c2', 'accepted'),
      kind: 'edit' as const,
      decidedBy: 'ben',
      decidedAt: 7,
    }
    await commitOne(store, writing([], { chunks: [old, { ...one, ins: [range(7, 0, 1)] }] }))
    await commitOne(store, writing([], { chunks: [one, { ...two, state: 'open' }, two] }))
    await harness.execute(`update document_chunks set changed_at = 0 where id in ('c0', 'c1')`)

    await harness.reopen()

    expect((await harness.store.load('plan'))?.chunks).toEqual([one, two])
  })

  test('[D18] a document grows to the limit and not a byte beyond; events are not counted', async () => {
    await using harness = await open({ documentBytes: 100 })
    const { store } = harness
    await withPlan(store)

    expect(await refusalOf(store, writing(['x'.repeat(96)]))).toBe('too-big')
    expect(await refusalOf(store, writing(['x'.repeat(95)]))).toBe('accepted')
    expect(await refusalOf(store, writing(['x']))).toBe('too-big')
    const event = { type: 't', run: 'r', data: 'much' }
    expect(await refusalOf(store, writing([], { events: [event] }))).toBe('accepted')
    expect((await store.getDocument('plan'))?.bytes).toBe(100)
  })

  test('[D19] only updates make a document newer', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await harness.execute(`update documents set updated_at = 5`)

    const result = await commitOne(
      store,
      writing([], { events: [{ type: 't', run: 'r', data: '' }], chunks: [chunk('c', 'open')] }),
    )
    await store.changeDocument('plan', { title: 'Other' })
    expect(result).toMatchObject({ ok: true, from: 2, head: 1, eventFrom: 1, eventHead: 1 })
    expect((await store.getDocument('plan'))?.updatedAt).toBe(5)

    const update = await commitOne(store, writing(['x']))
    expect(update.ok && update.at).toBe((await store.getDocument('plan'))?.updatedAt)
  })

  test('[G26] a database from before chunks could be stale keeps its chunks and learns of staleness, also where that broke off', async () => {
    const note = { kind: 'changed' as const, by: 'ben', instead: [range(5, 1, 3)], early: false }
    for (const half of ['', 'original']) {
      await using harness = await open()
      await withPlan(harness.store)
      await harness.store.commit([writing([], { chunks: [chunk('s.1', 'open')] })])
      for (const column of ['original', 'stale'].filter((one) => one !== half)) {
        await harness.execute(`alter table document_chunks drop column ${column}`)
      }
      await harness.execute(`delete from kysely_migration where name >= '0007'`)

      await harness.reopen()
      expect((await harness.store.load('plan'))?.chunks).toEqual([chunk('s.1', 'open')])

      const stale = { ...chunk('s.1', 'stale'), stale: note }
      await harness.store.commit([writing([], { chunks: [stale] })])
      await harness.reopen()
      expect((await harness.store.load('plan'))?.chunks).toEqual([stale])
    }
  })

  test('[D20] many rows and none are commits too, and of a view only its own bytes are kept', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    const many = Array.from({ length: 1203 }, (_, at) => `${at}`)
    const buffer = bytes('--word--')

    expect(await store.commit([])).toEqual([])
    expect(await commitOne(store, writing([]))).toMatchObject({ ok: true, from: 2, head: 1 })
    await store.commit([writing(many)])
    const view = { ...writing([]), updates: [{ actor: 'ada', data: buffer.subarray(2, 6) }] }
    await store.commit([view])

    expect(await wordsOf(store, 'plan')).toEqual(['first', ...many, 'word'])
  })
}

const range = (client: number, from: number, to: number) => ({ client, from, to })

function chunk(id: string, state: StoredChunk['state']): StoredChunk {
  return {
    id,
    state,
    kind: 'sentence',
    ins: [],
    del: [],
    decidedBy: null,
    decidedAt: null,
    original: null,
    stale: null,
  }
}
