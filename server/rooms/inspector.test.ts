import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { atBest, timed } from '#server/testing/at-best.ts'
import { inspectApart } from '#server/testing/inspect-apart.ts'
import {
  body,
  decisionKey,
  decisionMap,
  ROOT,
  SUGGESTIONS,
  seedEmpty,
} from '#shared/document/shape.ts'
import { Frontier } from './frontier.ts'
import { type InspectReason, inspect } from './inspector.ts'

describe('bytes', () => {
  test('[I2] an update cut off at any byte is refused', () => {
    const { room, update } = ada.types('Hello, everybody')

    for (let length = 0; length < update.length; length++) {
      expect(room.inspect(update.slice(0, length), 'ada'), `${length} bytes`).toMatchObject({
        ok: false,
        reason: 'undecodable',
        mayHeal: false,
      })
    }
    expect(room.inspect(update, 'ada').ok).toBe(true)
  })

  test('[I3] with any bit flipped, an update is refused or can be applied and read again', () => {
    const { room, update } = ada.types('A sentence of some length, so that the update is long.')
    let refused = 0

    for (let bit = 0; bit < update.length * 8; bit++) {
      const flipped = update.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      if (!room.inspect(flipped, 'ada').ok) refused++
      else expectWhole(room.copy(), flipped)
    }

    expect(refused).toBeGreaterThan(update.length)
  })

  test('[I4] random bytes are refused, whatever their length', () => {
    const room = new Room()
    let seed = 7
    const random = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return seed >>> 24
    }

    for (let n = 0; n < 1_000; n++) {
      const bytes = Uint8Array.from({ length: 1 + (n % 200) }, random)
      const verdict = room.inspect(bytes, 'ada')
      if (verdict.ok) expectWhole(room.copy(), bytes)
    }
    expect(room.inspect(new Uint8Array(65_536).map(random), 'ada').ok).toBe(false)
  })

  test('[I5] counts that the bytes do not hold cost nothing', async () => {
    const room = new Room()
    const huge = 100_000_000

    for (const numbers of [
      [huge],
      [1, huge, 5, 0],
      [0, huge],
      [0, 1, 5, huge],
      [1, 1, 5, 0, 8, 1],
    ]) {
      const inspect = () => expect(room.inspect(varUints(numbers), 'ada').ok).toBe(false)
      expect(await atBest(5, () => timed(inspect))).toBeLessThan(5)
    }
  })

  test('[I6] fifty thousand structs or ranges are the limit', () => {
    const room = new Room()
    const paragraphs = (count: number) =>
      written((doc) => {
        for (let n = 0; n < count; n++) body(doc).insert(0, [new Y.XmlElement('paragraph')])
      })

    expect(room.inspect(paragraphs(50_000), 'ada').ok).toBe(true)
    expect(room.refusal(paragraphs(50_001), 'ada')).toBe('too-many-structs')
    expect(room.refusal(varUints([0, 1, 5, 50_001]), 'ada')).toBe('too-many-ranges')
  })

  test('[I7] a string of a mebi of characters is the limit', () => {
    const { room, doc, text } = ada.opens()
    const mebi = 1 << 20

    expect(
      room.inspect(
        change(doc, () => text.insert(0, 'x'.repeat(mebi))),
        'ada',
      ).ok,
    ).toBe(true)
    const longer = ada.opens()
    const update = change(longer.doc, () => longer.text.insert(0, 'x'.repeat(mebi + 1)))
    expect(longer.room.refusal(update, 'ada')).toBe('string-too-long')
  })

  test('[I8] control and direction characters are text like any other', () => {
    const { room, update } = ada.types('\u0000 \u202e \ud800 \u2066')

    expect(room.inspect(update, 'ada').ok).toBe(true)
  })

  test('[I9] bytes behind the update are refused', () => {
    const { room, update } = ada.types('x')

    expect(room.refusal(Uint8Array.from([...update, 0]), 'ada')).toBe('undecodable')
  })
})

describe('dependencies', () => {
  test('[I10] an update after one that the room lacks is refused, and may heal', () => {
    const { room, doc, text } = ada.opens()
    const first = change(doc, () => text.insert(0, 'one'))
    const second = change(doc, () => text.insert(3, ' two'))

    expect(room.inspect(second, 'ada')).toEqual({ ok: false, reason: 'clock-gap', mayHeal: true })
    room.commit(first, 'ada')
    expect(room.inspect(second, 'ada').ok).toBe(true)
  })

  test('[I11] text beside or inside what the room lacks is refused', () => {
    const { room, doc, text } = ada.opens()
    change(doc, () => text.insert(0, 'unsent'))
    const bob = new Y.Doc()
    Y.applyUpdate(bob, Y.encodeStateAsUpdate(doc))
    const beside = change(bob, () => firstText(bob).insert(6, 'x'))

    expect(room.refusal(beside, 'bob')).toBe('unknown-origin')

    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(new Room().doc))
    const paragraph = new Y.XmlElement('paragraph')
    change(other, () => body(other).insert(0, [paragraph]))
    const carol = new Y.Doc()
    Y.applyUpdate(carol, Y.encodeStateAsUpdate(other))
    const inside = change(carol, () =>
      (body(carol).get(0) as Y.XmlElement).insert(0, [new Y.XmlText()]),
    )

    expect(room.refusal(inside, 'carol')).toBe('unknown-parent')
  })

  test('[I12] structs that wait for one another for ever are refused', () => {
    const room = new Room()
    // Two items, each of which claims to stand behind the other.
    const circle = Uint8Array.from([
      ...[2, 1, 11, 0, 0x84, 22, 0, 1, 120],
      ...[1, 22, 0, 0x84, 11, 0, 1, 120, 0],
    ])
    // One that claims to stand behind its own second half.
    const itself = Uint8Array.from([1, 1, 11, 0, 0x84, 11, 1, 2, 120, 120, 0])

    expect(room.refusal(circle, 'ada')).toBe('unknown-origin')
    expect(room.refusal(itself, 'ada')).toBe('unknown-origin')
  })

  test('[M22] what is known, told anew with a neighbour or a parent that nobody has, is refused (B30)', () => {
    const { room, doc, text } = ada.opens()
    doc.clientID = 11
    room.commit(
      change(doc, () => text.insert(0, 'x')),
      'ada',
    )
    const [origin, right, parent] = [0x84, 0x44, 0x04]
    const behind = [origin, 11, 0, 1, 121]
    for (const [info, names] of [
      [origin, [77, 0]],
      [right, [77, 0]],
      [parent, [0, 77, 0]],
    ] as const) {
      const retold = [info, ...names, 1, 120]
      const update = (structs: number[][]) =>
        Uint8Array.from([1, structs.length, 11, 0, ...structs.flat(), 0])

      const reason = info === parent ? 'unknown-parent' : 'unknown-origin'
      expect(room.refusal(update([retold, behind]), 'ada')).toBe(reason)
      expect(room.refusal(update([retold]), 'ada')).toBe(reason)
      // In the log the letter behind it would wait for ever.
      const log = room.copy()
      Y.applyUpdate(log, update([retold, behind]))
      expect(log.store.pendingStructs).not.toBeNull()
    }
  })

  test('[I13] two sections for one client, a skip, and empty structs are refused', () => {
    const room = new Room()

    expect(room.refusal(varUints([2, 1, 5, 0, 0, 1, 1, 5, 1, 0, 1, 0]), 'ada')).toBe('undecodable')
    expect(room.inspect(varUints([1, 1, 5, 0, 10, 3, 0]), 'ada').ok).toBe(false)
    expect(room.refusal(varUints([1, 1, 5, 0, 0, 0, 0]), 'ada')).toBe('undecodable')
  })

  test('[I14] deleting what the room lacks, nothing, or twice is refused; everything is legal', () => {
    const { room, doc, text } = ada.opens()
    room.commit(
      change(doc, () => text.insert(0, 'all of it')),
      'ada',
    )
    const client = doc.clientID

    expect(room.refusal(deleting(client, [[0, 100]]), 'ada')).toBe('unknown-delete')
    expect(room.refusal(deleting(99, [[0, 1]]), 'ada')).toBe('unknown-delete')
    expect(room.refusal(deleting(client, [[0, 0]]), 'ada')).toBe('undecodable')
    expect(
      room.refusal(
        deleting(client, [
          [0, 5],
          [3, 2],
        ]),
        'ada',
      ),
    ).toBe('undecodable')

    const all = change(doc, () => body(doc).delete(0, body(doc).length))
    expect(room.inspect(all, 'ada').ok).toBe(true)
  })

  test('[I15] what waits for its commit counts as known', () => {
    const { room, doc, text } = ada.opens()
    const updates = [...'typed at once'].map((character, at) =>
      change(doc, () => text.insert(at, character)),
    )

    for (const update of updates) {
      const verdict = room.inspect(update, 'ada')
      expect(verdict.ok).toBe(true)
      if (verdict.ok) room.frontier.admit('ada', verdict)
    }
    room.frontier.forget()

    expect(room.refusal(updates[5] as Uint8Array, 'ada')).toBe('clock-gap')
  })

  test('[I16] the second half of an item whose first half was collected is sent as a part', () => {
    const { room, doc, text } = ada.opens()
    room.commit(
      change(doc, () => text.insert(0, 'abc')),
      'ada',
    )
    const bob = room.copy()
    room.commit(
      change(bob, () => body(bob).delete(0, 1)),
      'bob',
    )
    const whole = change(doc, () => text.insert(3, 'def'))
    const merged = Y.mergeUpdates([Y.encodeStateAsUpdate(doc), whole])

    expect(room.refusal(merged, 'ada')).toBe('unknown-origin')
    const part = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(room.doc))
    expect(room.inspect(part, 'ada').ok).toBe(true)
    expectWhole(room.copy(), part)
  })
})

describe('who', () => {
  test('[I17] a new client id is named, and belongs to who came first', () => {
    const { room, doc, update } = ada.types('mine')

    expect(room.inspect(update, 'ada')).toMatchObject({ ok: true, newClients: [doc.clientID] })
    room.commit(update, 'ada')
    const more = change(doc, () => firstText(doc).insert(0, 'more '))
    expect(room.inspect(more, 'ada')).toMatchObject({ ok: true, newClients: [] })
    expect(room.refusal(more, 'mallory')).toBe('foreign-client')
  })

  test('[I18] sending again what others wrote is harmless and nothing new', () => {
    const { room, doc, text } = ada.opens()
    room.commit(
      change(doc, () => text.insert(0, 'from Ada')),
      'ada',
    )
    room.commit(
      change(doc, () => text.delete(0, 2)),
      'ada',
    )

    const whole = Y.encodeStateAsUpdate(doc)

    expect(room.inspect(whole, 'bob')).toEqual({
      ok: true,
      newClients: [],
      nothingNew: true,
      deletesGone: true,
      items: [],
      voided: [],
    })
    const deletion = change(doc, () => text.delete(0, 1))
    expect(room.inspect(deletion, 'bob')).toMatchObject({ ok: true, nothingNew: false })
  })

  test('[I19] sixty-four new client ids at once are the limit', () => {
    const crowd = (count: number) => {
      const doc = new Y.Doc()
      for (let client = 1; client <= count; client++) {
        doc.clientID = client
        body(doc).insert(0, [new Y.XmlElement('paragraph')])
      }
      return Y.encodeStateAsUpdate(doc)
    }

    expect(new Room().inspect(crowd(64), 'ada').ok).toBe(true)
    expect(new Room().refusal(crowd(65), 'ada')).toBe('too-many-clients')
  })
})

describe('what', () => {
  const refusals: [string, InspectReason, (doc: Y.Doc) => void][] = [
    ['a root of another name', 'root', (doc) => doc.getText('evil').insert(0, 'x')],
    ['an unknown node', 'node-type', (doc) => body(doc).insert(0, [new Y.XmlElement('script')])],
    [
      'a node named like a method',
      'node-type',
      (doc) => body(doc).insert(0, [new Y.XmlElement('toString')]),
    ],
    ['a tab as an element', 'node-type', (doc) => block(doc).insert(0, [new Y.XmlElement('tab')])],
    ['text beside blocks', 'nesting', (doc) => body(doc).insert(0, [new Y.XmlText('x')])],
    ['a link beside blocks', 'nesting', (doc) => body(doc).insert(0, [new Y.XmlElement('link')])],
    [
      'an item without a list',
      'nesting',
      (doc) => body(doc).insert(0, [new Y.XmlElement('listitem')]),
    ],
    ['a list of paragraphs', 'nesting', (doc) => nest(doc, 'list', 'paragraph')],
    ['text in a list', 'nesting', (doc) => nest(doc, 'list', new Y.XmlText('x'))],
    ['something in a divider', 'nesting', (doc) => nest(doc, 'horizontalrule', new Y.XmlText('x'))],
    [
      'a heading that is a script',
      'attribute',
      (doc) => attribute(doc, 'heading', '__tag', 'script'),
    ],
    ['a list that is a script', 'attribute', (doc) => attribute(doc, 'list', '__tag', 'h1')],
    ['an attribute of no node', 'attribute', (doc) => attribute(doc, 'paragraph', 'onclick', 'x')],
    [
      'an attribute of another node',
      'attribute',
      (doc) => attribute(doc, 'quote', '__url', 'https://a.b'),
    ],
    [
      'an attribute that is an object',
      'attribute',
      (doc) => attribute(doc, 'paragraph', '__dir', { a: 1 }),
    ],
    [
      'a style that loads',
      'attribute',
      (doc) => attribute(doc, 'paragraph', '__style', 'background: url(//x)'),
    ],
    [
      'a shared type as attribute',
      'attribute',
      (doc) => attribute(doc, 'paragraph', '__dir', new Y.XmlText('x')),
    ],
    ['an attribute of text', 'attribute', (doc) => firstText(doc).setAttribute('__style', 'x')],
    ['a javascript link', 'url', (doc) => link(doc, 'javascript:alert(1)')],
    ['a javascript link in disguise', 'url', (doc) => link(doc, ' JaVa\tScript:alert(1)')],
    ['a data link', 'url', (doc) => link(doc, 'data:text/html,<script>')],
    ['a vbscript link', 'url', (doc) => link(doc, 'vbscript:x')],
    ['a blob link', 'url', (doc) => link(doc, 'blob:https://a.b/c')],
    ['an unknown format', 'format', (doc) => firstText(doc).insert(0, 'x', { onclick: 'x' })],
    [
      'an unknown property',
      'format',
      (doc) => firstText(doc).insert(0, 'x', { p: { __key: '1' } }),
    ],
    [
      'a property of the wrong type',
      'format',
      (doc) => firstText(doc).insert(0, 'x', { p: { __format: '1' } }),
    ],
    [
      'an unknown kind of text',
      'format',
      (doc) => firstText(doc).insert(0, 'x', { t: 'code-highlight' }),
    ],
    ['a flag that is none', 'format', (doc) => firstText(doc).insert(0, 'x', { s_sg: 'boo' })],
    ['an embed', 'content', (doc) => firstText(doc).insertEmbed(0, { image: 'x' })],
    ['a type in text', 'content', (doc) => firstText(doc).insertEmbed(0, new Y.XmlText('x'))],
    [
      'text in a paragraph itself',
      'content',
      (doc) => block(doc).insert(0, [new Y.XmlHook('x') as never]),
    ],
    ['a subdocument', 'content', (doc) => decide(doc, 'ada', new Y.Doc())],
    ['binary', 'content', (doc) => decide(doc, 'ada', new Uint8Array(3))],
    ['a decision of somebody else', 'decision', (doc) => decide(doc, 'bob', ACCEPTED)],
    [
      'a decision that is none',
      'decision',
      (doc) => decide(doc, 'ada', { decision: 'maybe', at: 1 }),
    ],
    ['a decision with more in it', 'decision', (doc) => decide(doc, 'ada', { ...ACCEPTED, x: 1 })],
    [
      'a decision under no key of a user',
      'decision',
      (doc) => void doc.getMap('decisions').set('x', ACCEPTED),
    ],
    ['a suggestion', 'server-only', (doc) => void doc.getMap(SUGGESTIONS).set('s', { run: 'x' })],
  ]
  test.each(refusals)('[I20] %s is refused: %s', (_what, reason, write) => {
    const room = new Room()
    const doc = room.copy()

    const update = change(doc, () => write(doc))

    expect(room.refusal(update, 'ada')).toBe(reason)
  })

  const permissions: [string, (doc: Y.Doc) => void][] = [
    ['an own decision', (doc) => decide(doc, 'ada', ACCEPTED)],
    ['every heading', (doc) => attribute(doc, 'heading', '__tag', 'h6')],
    ['a link to follow', (doc) => link(doc, 'https://example.org/?a=b#c')],
    ['a link that nothing follows', (doc) => link(doc, '#top')],
    ['a flag on a block', (doc) => attribute(doc, 'paragraph', 's_sg', 'ins:run.1')],
    ['a tab', (doc) => firstText(doc).insert(0, '\t', { t: 'tab', i: 1 })],
  ]
  test.each(permissions)('[I21] %s is let in', (_what, write) => {
    const room = new Room()
    const doc = room.copy()

    expect(
      room.inspect(
        change(doc, () => write(doc)),
        'ada',
      ).ok,
    ).toBe(true)
  })

  test('[I22] a key cannot be taken over by standing behind its present value', () => {
    const room = new Room()
    const bob = room.copy()
    room.commit(
      change(bob, () => decide(bob, 'bob', ACCEPTED)),
      'bob',
    )
    const doc = room.copy()

    const over = change(doc, () => decide(doc, 'bob', { decision: 'rejected', at: 2 }))
    const away = change(room.copy(), (copy) =>
      decisionMap(copy).delete(decisionKey('run.1', 'bob')),
    )

    expect(room.refusal(over, 'ada')).toBe('decision')
    expect(room.refusal(away, 'ada')).toBe('decision')
    expect(room.inspect(away, 'bob').ok).toBe(true)
  })

  test('[I23] what the server wrote is not judged again when it comes back', () => {
    const room = new Room()
    room.doc.getMap(SUGGESTIONS).set('s', { run: 'r' })
    const doc = room.copy()
    change(doc, () => firstText(doc).insert(0, 'x'))

    expect(room.inspect(Y.encodeStateAsUpdate(doc), 'ada').ok).toBe(true)
    const drop = change(doc, () => doc.getMap(SUGGESTIONS).delete('s'))
    expect(room.refusal(drop, 'ada')).toBe('server-only')
  })

  test('[I24] a tower of elements is refused', () => {
    const room = new Room()
    const doc = room.copy()

    const update = change(doc, () => {
      let inner = block(doc)
      for (let depth = 0; depth < 10_000; depth++) {
        inner.insert(0, [new Y.XmlElement('quote')])
        inner = inner.get(0) as Y.XmlElement
      }
    })

    expect(room.refusal(update, 'ada')).toBe('nesting')
  })
})

const ACCEPTED = { decision: 'accepted', at: 1 }

class Room {
  readonly doc = new Y.Doc()
  readonly owners = new Map<number, string>()
  readonly frontier = new Frontier(this)

  constructor() {
    seedEmpty(this.doc)
    block(this.doc).insert(0, [new Y.XmlText()])
    this.owners.set(this.doc.clientID, 'room')
  }

  copy(): Y.Doc {
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc))
    return copy
  }

  inspect(update: Uint8Array, user: string) {
    const verdict = inspect(update, this.frontier, user)
    expect(inspectApart(update, this.frontier, user)).toEqual(verdict)
    return verdict
  }

  refusal(update: Uint8Array, user: string): InspectReason | undefined {
    const verdict = this.inspect(update, user)
    return verdict.ok ? undefined : verdict.reason
  }

  commit(update: Uint8Array, user: string): void {
    const verdict = this.inspect(update, user)
    if (!verdict.ok) throw new Error(verdict.reason)
    for (const client of verdict.newClients) this.owners.set(client, user)
    Y.applyUpdate(this.doc, update)
  }
}

const ada = {
  opens() {
    const room = new Room()
    const doc = room.copy()
    return { room, doc, text: firstText(doc) }
  },
  types(words: string) {
    const { room, doc, text } = this.opens()
    return { room, doc, update: change(doc, () => text.insert(0, words)) }
  },
}

function block(doc: Y.Doc): Y.XmlElement {
  return body(doc).get(0) as Y.XmlElement
}

function firstText(doc: Y.Doc): Y.XmlText {
  return block(doc).get(0) as Y.XmlText
}

function nest(doc: Y.Doc, outer: string, inner: string | Y.XmlText): void {
  const element = new Y.XmlElement(outer)
  element.insert(0, [typeof inner === 'string' ? new Y.XmlElement(inner) : inner])
  body(doc).insert(0, [element])
}

function attribute(doc: Y.Doc, type: string, key: string, value: unknown): void {
  const element = new Y.XmlElement(type)
  element.setAttribute(key, value as string)
  body(doc).insert(0, [element])
}

function link(doc: Y.Doc, url: string): void {
  const element = new Y.XmlElement('link')
  element.setAttribute('__url', url)
  block(doc).insert(0, [element])
}

function decide(doc: Y.Doc, user: string, value: unknown): void {
  doc.getMap('decisions').set(decisionKey('run.1', user), value)
}

/** The one update that a change comes to. */
function change(doc: Y.Doc, write: (doc: Y.Doc) => void): Uint8Array {
  const updates: Uint8Array[] = []
  const hear = (update: Uint8Array) => updates.push(update)
  doc.on('update', hear)
  doc.transact(() => write(doc))
  doc.off('update', hear)
  const [update] = updates
  if (!update) throw new Error('nothing was written')
  return update
}

function written(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  write(doc)
  return Y.encodeStateAsUpdate(doc)
}

function varUints(numbers: readonly number[]): Uint8Array {
  return encoding.encode((encoder) => {
    for (const number of numbers) encoding.writeVarUint(encoder, number)
  })
}

const deleting = (client: number, ranges: [number, number][]) =>
  varUints([0, 1, client, ranges.length, ...ranges.flat()])

/** Applied, it leaves nothing pending, and the log reads back as the same document. */
function expectWhole(doc: Y.Doc, update: Uint8Array): void {
  const before = Y.encodeStateAsUpdate(doc)
  Y.applyUpdate(doc, update)
  const again = new Y.Doc()
  Y.applyUpdate(again, before)
  Y.applyUpdate(again, update)
  expect(doc.store.pendingStructs).toBeNull()
  expect(doc.store.pendingDs).toBeNull()
  expect(again.get(ROOT, Y.XmlElement).toString()).toBe(doc.get(ROOT, Y.XmlElement).toString())
}
