/** Bad updates and presence in a room, by the rows of BAD-INPUT.md. */
import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { atBest, timed } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { textOf } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import { documentHash } from '#shared/document/hash.ts'
import { body } from '#shared/document/shape.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { Frontier } from './frontier.ts'
import { inspect } from './inspector.ts'

const varUints = (...numbers: number[]): Uint8Array =>
  encoding.encode((encoder) => {
    for (const number of numbers) encoding.writeVarUint(encoder, number)
  })

/** What the log says when it is read back. */
async function logOf(world: World): Promise<Y.Doc> {
  const { snapshot, updates } = (await world.store.load(world.document))!
  const doc = new Y.Doc()
  if (snapshot) Y.applyUpdate(doc, snapshot.data)
  for (const { data } of updates) Y.applyUpdate(doc, data)
  return doc
}

const headOf = async (world: World) => (await world.store.load(world.document))!.row.head

test('[I32] with any bit flipped, an update is nacked, or acknowledged and read back as it is shown (B30)', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('A sentence to build on.')
  await ada.synced()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(ada.doc))
  const sent = new Promise<Uint8Array>((resolve) => doc.once('update', resolve))
  doc.transact(() => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.setAttribute('__dir', 'ltr')
    paragraph.insert(0, [new Y.XmlText('Another one, in two halves and more than that.')])
    body(doc).push([paragraph])
  })
  const update = await sent
  let acked = 0

  for (let bit = 0; bit < update.length * 8; bit++) {
    const flipped = update.slice()
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    const eve = await world.wire('eve')
    eve.send({ kind: 'sync-step-2', update: flipped })
    const answered = () => eve.frames.find(({ kind }) => kind === 'ack' || kind === 'nack')
    while (!answered()) await new Promise((resolve) => setImmediate(resolve))
    const answer = answered()
    if (answer?.kind === 'ack') acked++
    else expect(answer, `bit ${bit}`).toMatchObject({ code: CLOSE.invalidContent })
    ;(await world.room()).leave(eve.peer)
  }

  const log = await logOf(world)
  const { hash } = await (await world.room()).reading.hash()
  expect(documentHash(log)).toBe(hash)
  expect(log.store.pendingStructs).toBe(null)
  expect(log.store.pendingDs).toBe(null)
  await eventually(() => expect(textOf(ada.doc)).toBe(textOf(log)))
  // Letters may flip into other letters; most flips break something.
  expect(acked).toBeLessThan(update.length * 6)
})

test('[I33] a node that nobody knows is refused, and who comes later still sees the text (B33, B34)', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  const head = await headOf(world)
  const poisons: ((doc: Y.Doc) => void)[] = [
    (doc) => body(doc).insert(0, [new Y.XmlElement('evil')]),
    (doc) => body(doc).insert(0, [new Y.XmlElement('constructor')]),
    (doc) => body(doc).insert(0, [new Y.XmlText('beside blocks')]),
    (doc) => body(doc).setAttribute('__type', 'evil'),
    (doc) => (body(doc).get(0) as Y.XmlElement).setAttribute('__type', 'evil'),
  ]
  for (const [n, poison] of poisons.entries()) {
    const eve = await world.person(`eve${n}`)
    poison(eve.doc)
    await eventually(() => expect(eve.closed, `poison ${n}`).toMatchObject({ code: 4422 }))
  }
  expect(await headOf(world)).toBe(head)
  expect((await world.person('ben')).text).toBe('Hello')
})

test('[I34] a hundred thousand clients in a mebibyte are refused in no time (B37)', async () => {
  const doc = new Y.Doc()
  const many = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 100_000)
    for (let client = 1; client <= 100_000; client++) {
      for (const n of [1, client, 0]) encoding.writeVarUint(encoder, n)
      encoding.writeUint8(encoder, 0) // collected
      encoding.writeVarUint(encoder, 1)
    }
    encoding.writeVarUint(encoder, 0)
  })
  const before = Y.encodeStateVector(doc)
  // In turns, so that a crowded machine slows both: refusing must not cost what applying would.
  const best = { refusing: Number.POSITIVE_INFINITY, applying: Number.POSITIVE_INFINITY }
  for (let n = 0; n < 5; n++) {
    const begin = performance.now()
    const verdict = inspect(many, new Frontier({ doc, owners: new Map() }), 'eve')
    const refused = performance.now()
    Y.applyUpdate(new Y.Doc(), many)
    best.refusing = Math.min(best.refusing, refused - begin)
    best.applying = Math.min(best.applying, performance.now() - refused)
    expect(verdict).toMatchObject({ ok: false, reason: 'too-many-structs' })
  }
  expect(best.refusing).toBeLessThan(best.applying / 3)
  expect(Y.encodeStateVector(doc)).toEqual(before)
})

test('[I35] structs that would wait for ever are refused one by one, cheaply (B38)', async () => {
  const doc = new Y.Doc()
  const known = new Frontier({ doc, owners: new Map() })
  const refuse = (n: number) => {
    // One character of a client whose first ones nobody has.
    const update = encoding.encode((encoder) => {
      for (const it of [1, 1, 1_000 + n, 5]) encoding.writeVarUint(encoder, it)
      encoding.writeUint8(encoder, 0x84)
      for (const it of [1_000 + n, 4]) encoding.writeVarUint(encoder, it)
      encoding.writeVarString(encoder, 'x')
      encoding.writeVarUint(encoder, 0)
    })
    expect(inspect(update, known, 'eve')).toMatchObject({ ok: false, reason: 'clock-gap' })
  }
  const took = await atBest(1_500, () =>
    timed(() => {
      for (let n = 0; n < 1_500; n++) refuse(n)
    }),
  )
  expect(took).toBeLessThan(1_500)
})

test('[I36] a delete set of a million ranges is refused; deleting everything is anybody’s right (B40)', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  const { clientID } = ada.doc
  const before = await headOf(world)
  for (const update of [
    varUints(0, 1, clientID, 1_000_000),
    varUints(0, 1, clientID, 2, 0, 3, 1, 3),
    varUints(0, 1, 12_345, 1, 0, 1),
    varUints(0, 1, clientID, 1, 0, 0),
    varUints(0, 1, clientID, 1, 2 ** 52, 2 ** 52),
  ]) {
    const eve = await world.wire('eve')
    eve.send({ kind: 'sync-step-2', update })
    await eventually(() => expect(eve.closed).toMatchObject({ code: 4422 }))
  }
  expect(await headOf(world)).toBe(before)

  const ben = await world.person('ben')
  body(ben.doc).delete(0, body(ben.doc).length)
  await ben.synced()
  await eventually(() => expect(ada.text).toBe(''))
  // What was there is in the log before it, to be read and restored.
  const { updates } = (await world.store.load(world.document))!
  const earlier = new Y.Doc()
  for (const { data } of updates.slice(0, before)) Y.applyUpdate(earlier, data)
  expect(textOf(earlier)).toBe('Hello')
})

test('[I37] letters that no font shows are kept as they are: half ones, none, and turned ones (B39)', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const odd = 'a\u0000b\u202ec\u2066d\ufeffe\u{e0041}f'
  ada.type(odd)
  await ada.synced()
  await eventually(() => expect(ben.text).toBe(odd))
  ada.type('\ud800 half')
  await ada.synced()
  await eventually(() => expect(ben.text).toContain(' half'))
  expect(documentHash(await logOf(world))).toBe((await (await world.room()).reading.hash()).hash)
})

test('[I38] a presence clock at the end of all numbers does not silence its client (B46)', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const eve = await world.wire('eve')
  const presence = (clock: number, state: object) => ({
    kind: 'awareness' as const,
    update: encoding.encode((encoder) => {
      for (const n of [1, 77, clock]) encoding.writeVarUint(encoder, n)
      encoding.writeVarString(encoder, JSON.stringify(state))
    }),
  })
  const heard = () => ada.awareness.getStates().get(77)
  try {
    eve.send(presence(Number.MAX_SAFE_INTEGER, { n: 1 }))
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad-frame' })
  }
  for (const [n, clock] of [1, 2, 3].entries()) {
    eve.send(presence(clock, { n }))
  }
  await eventually(() => expect(heard()).toMatchObject({ n: 2 }))
})
