/**
 * What must hold whatever people, lines, instances and runs do: a random history, then quiet, then
 * everybody has the same document, and the log says so too.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { type Person, textOf } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import { decisionMap } from '#shared/document/shape.ts'
import type { RunWriter } from './run-writer.ts'

const INSTANCES = ['one', 'two', 'one']
const usage = { input: 0, output: 0, estimated: true }

const some = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('a', 'b', ' ', '.') })
const step = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('type' as const), at: fc.nat(30), text: some }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('erase' as const), at: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('bold' as const), at: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('paragraph' as const), text: some }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('suggest' as const), at: fc.nat(30) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('stream' as const), text: some }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('decide' as const),
        n: fc.integer({ min: 1, max: 3 }),
        decision: fc.constantFrom('accepted' as const, 'rejected' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('drop' as const, 'return' as const, 'hold' as const, 'carry' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('deaf' as const, 'hear' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(8) }) },
  )
  .chain((what) => fc.nat(2).map((who) => ({ who, ...what })))

test('[C10] whatever people do and whenever lines drop, all end with one document, the log’s', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await using world = await World.open()
      const people = await Promise.all(
        ['ada', 'ben', 'cyd'].map((name, n) => world.person(name, { instance: INSTANCES[n]! })),
      )
      const runs: { id: string; writer: RunWriter }[] = []
      people[0]!.type('Once upon a time')
      for (const one of steps) await perform(world, people, runs, one)

      world.hub.carry()
      for (const { writer } of runs) {
        await writer.end({ kind: 'finished', reason: 'stop', usage }).catch(() => undefined)
      }
      await quiet(world, people)
      for (const name of ['one', 'two']) {
        const room = await world.room(name)
        expect((await room.reading.hash()).stateVector.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: Number(process.env.CONVERGENCE_RUNS ?? 25) },
  )
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function perform(
  world: World,
  people: readonly Person[],
  runs: { id: string; writer: RunWriter }[],
  { who, ...what }: Step,
): Promise<void> {
  const person = people[who]!
  const length = textOf(person.doc).split('\n')[0]!.length
  const last = runs.at(-1)
  switch (what.do) {
    case 'type':
      return person.type(what.text, what.at)
    case 'erase':
      return person.erase(what.at, 2)
    case 'bold':
      return person.bold(what.at, 3)
    case 'paragraph':
      return person.paragraph(what.text)
    case 'suggest': {
      if (!person.online || runs.length > 2) return
      const room = await world.room(INSTANCES[who])
      const located = room.reading.locate({ at: person.caret(Math.min(what.at, length)) })
      if (!located) return
      const run = await world.run()
      const writer = await room.openRun(run, located.place, 'insert').catch(() => undefined)
      if (writer) runs.push({ id: run.id, writer })
      return
    }
    case 'stream':
      await last?.writer
        .write([{ kind: 'text', text: what.text, format: 0 }, { kind: 'chunk' }], 1)
        .catch(() => undefined)
      return
    case 'decide':
      if (last) person.decide(`${last.id}.${what.n}`, what.decision)
      return
    case 'drop':
      return person.disconnect()
    case 'return':
      if (!person.online) person.connect(await world.room(INSTANCES[who]))
      return
    case 'hold':
      return person.holdUp()
    case 'carry':
      return person.carry()
    case 'deaf':
      return world.hub.hold()
    case 'hear':
      return world.hub.carry()
    case 'wait':
      return new Promise((resolve) => setTimeout(resolve, what.ms))
  }
}

async function quiet(world: World, people: readonly Person[]): Promise<void> {
  await eventually(async () => {
    for (const [n, person] of people.entries()) {
      if (!person.online) person.connect(await world.room(INSTANCES[n]))
      person.carry()
      if (person.nacks.length > 0) throw new Error(`refused: ${JSON.stringify(person.nacks)}`)
      if (!person.saved) throw new Error('not saved')
    }
    const heads = await world.store.heads([world.document])
    const settled = people.every(({ doc }) => decisionsLeft(doc) === decisionsLeft(people[0]!.doc))
    const texts = new Set(people.map(({ text }) => text))
    if (texts.size > 1 || !settled) throw new Error(`apart: ${JSON.stringify([...texts])}`)
    const log = await logOf(world)
    expect(log.store.pendingStructs).toBe(null)
    for (const person of people) expect(person.text).toBe(textOf(log))
    // Repairs and gathered words come by themselves, on a slow machine late: then once more.
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(await world.store.heads([world.document])).toEqual(heads)
    expect(new Set(people.map(({ text }) => text))).toEqual(texts)
  })
}

async function logOf(world: World): Promise<Y.Doc> {
  const log = new Y.Doc()
  const { snapshot, updates } = (await world.store.load(world.document))!
  if (snapshot) Y.applyUpdate(log, snapshot.data)
  for (const { data } of updates) Y.applyUpdate(log, data)
  return log
}

const decisionsLeft = (doc: Y.Doc): string => JSON.stringify([...decisionMap(doc).keys()].sort())
