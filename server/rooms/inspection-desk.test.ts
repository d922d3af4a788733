import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { inspectApart } from '#server/testing/inspect-apart.ts'
import { Random } from '#server/testing/random.ts'
import { World } from '#server/testing/world.ts'
import { body, seedEmpty } from '#shared/document/shape.ts'
import { Frontier } from './frontier.ts'
import { InspectionDesk } from './inspection-desk.ts'
import { inspect } from './inspector.ts'

/** Anything longer than this goes to the thread. */
const LARGE = { limits: { largeUpdateBytes: 200 } }
const long = 'a sentence that is long enough '.repeat(20)

/** A document, and an update of so many paragraphs for it. */
function draft(paragraphs: number) {
  const doc = new Y.Doc()
  seedEmpty(doc)
  const mine = new Y.Doc()
  Y.applyUpdate(mine, Y.encodeStateAsUpdate(doc))
  mine.transact(() => {
    const elements = Array.from({ length: paragraphs }, (_, n) => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(`paragraph ${n} of many`)])
      return paragraph
    })
    body(mine).insert(1, elements)
    body(mine).delete(0, 1)
  })
  const update = Y.encodeStateAsUpdate(mine, Y.encodeStateVector(doc))
  return { frontier: new Frontier({ doc, owners: new Map() }), update }
}

test('[I25] the thread comes to the verdict of the room, for whole and for broken updates', async () => {
  const desk = new InspectionDesk()
  const { frontier, update } = draft(40)
  for (let n = 0; n < 200; n++) {
    const bytes = update.slice()
    if (n > 0) bytes[(n * 7919) % bytes.length]! ^= 1 << (n % 8)
    const verdict = inspect(bytes, frontier, 'ada', { maxNewClients: 8 })
    const told = await desk.judge(bytes, frontier, 'ada', 8)
    expect(told, `flip ${n}`).toEqual(verdict.ok ? { ...verdict, items: [] } : verdict)
    expect(inspectApart(bytes, frontier, 'ada', 8)).toEqual(verdict)
  }
  await desk.close()
})

test('[I26] while a large update is judged other rooms go on, and its own waits its turn', async () => {
  await using world = await World.open(LARGE)
  await using elsewhere = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const cyd = await elsewhere.person('cyd')
  const order: string[] = []
  world.gate.before = (commits) => {
    for (const { updates } of commits) order.push(...updates.map(({ actor }) => actor))
  }
  const judge = vi.spyOn(InspectionDesk.prototype, 'judge')

  ada.type(long)
  ben.type('short')
  cyd.type('elsewhere')

  await cyd.synced()
  await Promise.all([ada.synced(), ben.synced()])
  expect(judge).toHaveBeenCalledTimes(1)
  expect(order).toEqual(['ada', 'ben'])
  expect(ada.text).toBe(ben.text)
  expect(ada.text).toContain('short')
  judge.mockRestore()
})

test('[I27] a large update that builds on what waits for its commit waits for it too', async () => {
  await using world = await World.open(LARGE)
  const ada = await world.person('ada')
  world.gate.hold()
  ada.type('short')
  ada.type(long)
  ada.type('short again')
  world.gate.release()

  await ada.synced()
  expect((await world.person('ben')).text).toBe(`short${long}short again`)
})

test('[I28] a large update that is refused gets its nack, and the others go on', async () => {
  await using world = await World.open(LARGE)
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  ada.doc.getText('elsewhere').insert(0, long)
  ben.type('still here')

  await eventually(() => expect(ada.closed).toMatchObject({ code: 4422 }))
  expect(ada.nacks).toMatchObject([{ code: 4422, reason: 'root' }])
  await ben.synced()
})

test('[I29] who leaves while their large update is judged keeps nobody waiting', async () => {
  await using world = await World.open(LARGE)
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  ada.type(long)
  ada.disconnect()
  ben.type('on')

  await ben.synced()
  await eventually(() => expect(ben.text).toContain(long))
})

test('[I30] when the thread dies its senders are told to come back, and another one begins', async () => {
  await using world = await World.open(LARGE)
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const threads: Worker[] = []
  const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
    this: Worker,
  ) {
    threads.push(this)
  })
  ada.type(long)
  await eventually(() => expect(threads).toHaveLength(1))
  post.mockRestore()

  await threads[0]!.terminate()

  await eventually(() => expect(ada.closed).toMatchObject({ code: 1013 }))
  ben.type('on')
  await ben.synced()
  ada.connect(await world.room())
  await ada.synced()
  await eventually(() => expect(ben.text).toBe(ada.text))
  expect(ben.text).toContain(long)
})

test('[I31] whatever is large, people who type together end with one document', async () => {
  await using world = await World.open({ limits: { largeUpdateBytes: 24 } })
  const people = await Promise.all(['ada', 'ben', 'cyd'].map((name) => world.person(name)))
  const chance = new Random(7)
  const roll = (sides: number) => chance.below(sides)
  for (let step = 0; step < 150; step++) {
    const person = people[roll(3)]!
    if (!person.online) person.connect(await world.room())
    const at = roll(20)
    if (roll(12) === 0) person.disconnect()
    else if (roll(3) === 0) person.erase(at, 1 + roll(4))
    else person.type('abcdefgh'.repeat(1 + roll(6)).slice(roll(8)), at)
    if (roll(4) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  for (const person of people) if (!person.online) person.connect(await world.room())
  for (const person of people) await person.synced()

  const late = await world.person('dan')
  for (const person of people) await eventually(() => expect(person.text).toBe(late.text))
  expect(late.doc.store.pendingStructs).toBe(null)
})
