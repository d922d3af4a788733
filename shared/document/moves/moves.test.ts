import { $getRoot, $isElementNode } from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { Person } from '#server/testing/editors.ts'
import { Random } from '#server/testing/random.ts'
import * as restructuring from '#server/testing/restructuring.ts'
import * as typing from '#server/testing/typing.ts'
import { idAt as findId } from '#shared/document/characters.ts'
import { Moves, type MovesOptions } from '#shared/document/moves.ts'
import { ABOVE_LATE_CLIENTS, body } from '#shared/document/shape.ts'

/** A person who edits, and a copy of the document that takes down what each update moves. */
function follow(markdown: string, options?: MovesOptions) {
  const stream = new MarkdownStream(new Set(['a.b']))
  const content = firstContent([...stream.push(markdown), ...stream.end()]).update
  const copy = new Y.Doc()
  Y.applyUpdate(copy, content)
  const moves = new Moves(options)
  copy.on('beforeObserverCalls', (transaction: Y.Transaction) => moves.notice(transaction))
  const ada = new Person('ada', {
    client: 100,
    content,
    send: (update) => Y.applyUpdate(copy, update),
  })
  return { ada, copy, moves }
}

/** The ids of the living characters that stand in the document once. */
function idsIn(doc: Y.Doc): Map<string, Y.ID> {
  const ids = new Map<string, Y.ID>()
  const walk = (type: Y.XmlElement | Y.XmlText) => {
    for (let item = type._start; item; item = item.right) {
      if (item.deleted) continue
      const { content, id } = item
      if (content instanceof Y.ContentType) walk(content.type as Y.XmlElement | Y.XmlText)
      if (!(content instanceof Y.ContentString)) continue
      for (let n = 0; n < content.str.length; n++) {
        ids.set(content.str[n]!, Y.createID(id.client, id.clock + n))
      }
    }
  }
  walk(body(doc))
  return ids
}

const { type, erase, bold, enter, merge, undo, redo } = typing
const r = restructuring
const ACTIONS: typing.Action[] = [
  ...[type, type, type, erase, bold, enter, enter, merge, merge, undo, redo],
  ...[r.changeType, r.makeItem, r.indent, r.outdent, r.link, r.unlink, r.breakLine, r.joinLines],
  ...[r.eraseAcrossBlocks],
]

test('[M1] a character that an edit takes along is found at its copy, id by id, also after several moves', () => {
  let moved = 0
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed)
    const { ada, copy, moves } = follow('abcdefgh\n\nijklm**nopq**rs\n\ntuvwxyz')
    const alphabet = new typing.Alphabet(0x4e00, 0x9fff)
    const first = idsIn(copy)
    for (let step = 0; step < 40 && ada.errors.length === 0; step++) {
      const before = idsIn(copy)
      const action = random.pick(ACTIONS)
      action(ada, random, alphabet)
      const after = idsIn(copy)
      for (const [character, id] of before) {
        const now = after.get(character)
        if (now && Y.compareIDs(now, id)) continue
        const story = `seed ${seed} step ${step} ${action.name} ${character}`
        const found = moves.follow(copy, id)
        if (now) expect.soft(found, story).toEqual(now)
        else expect.soft(found, story).toBeUndefined()
        moved++
      }
    }
    const end = idsIn(copy)
    for (const [character, id] of first) {
      const now = end.get(character)
      if (now && !Y.compareIDs(now, id) && moves.follow(copy, id)) {
        expect.soft(moves.follow(copy, id), `seed ${seed} ${character}`).toEqual(now)
      }
    }
    ada.close()
  }
  expect(moved).toBeGreaterThan(1_000)
})

/** Texts of their own, each in a paragraph; `write` changes them in one transaction. */
function lines(...words: string[]) {
  const doc = new Y.Doc()
  doc.clientID = 1
  body(doc).push(words.map(paragraph))
  const moves = new Moves()
  let named: Y.Transaction['deleteSet'] | undefined
  doc.on('beforeObserverCalls', (transaction: Y.Transaction) => moves.notice(transaction, named))
  const text = (n: number) => (body(doc).get(n) as Y.XmlElement).get(0) as Y.XmlText
  return {
    doc,
    moves,
    text,
    idAt: (n: number, at: number) => idAt(text(n), at),
    apply(update: Uint8Array) {
      named = Y.decodeUpdate(update).ds as Y.Transaction['deleteSet']
      Y.applyUpdate(doc, update)
    },
  }
}

function paragraph(words: string): Y.XmlElement {
  const element = new Y.XmlElement('paragraph')
  element.push([new Y.XmlText(words)])
  return element
}

function idAt(text: Y.XmlText, at: number): Y.ID {
  const id = findId(text, at)
  if (!id) throw new Error('no such character')
  return id
}

test('[M2] a word that is deleted here and written there between other words was not moved', () => {
  const { doc, moves, text, idAt } = lines('say hello now', 'and then')
  const hello = idAt(0, 4)
  doc.transact(() => {
    text(0).delete(4, 5)
    text(1).insert(4, 'hello ')
  })
  expect(moves.follow(doc, hello)).toBeUndefined()
  expect(moves.size).toBe(0)
})

test.each([
  { client: ABOVE_LATE_CLIENTS - 1, isMove: true },
  { client: ABOVE_LATE_CLIENTS, isMove: false },
])('[M31] words that the room writes between others in another line were moved: $client, $isMove', ({
  client,
  isMove,
}) => {
  const { doc, moves, text, idAt } = lines('say hello now', 'and then')
  const hello = idAt(0, 4)
  doc.clientID = client
  doc.transact(() => {
    text(0).delete(4, 5)
    text(1).insert(4, 'hello')
  })
  expect(moves.follow(doc, hello)).toEqual(isMove ? idAt(1, 4) : undefined)
})

/** What Backspace does at the start of the second line. */
const $joinLines = () => {
  const [first, second] = $getRoot().getChildren().filter($isElementNode)
  first?.append(...(second?.getChildren() ?? []))
  second?.remove()
}
/** What Enter does in front of `two`. */
const $breakLine = () => {
  const [text] = $getRoot().getAllTextNodes()
  text?.select(4, 4).insertParagraph()
}

test('[M1] lines that end alike are joined, and broken: what stays of the one stands for the other', () => {
  const ends = ['.', 'a.', 'aba', 'ab ab']
  for (const end of ends) {
    for (const { ada, copy, moves } of [
      follow(`one ${end}\n\ntwo ${end}`),
      follow(`one two ${end}`),
    ]) {
      const word = idsIn(copy).get('w')!
      const lines = body(copy).length
      ada.edit(lines === 2 ? $joinLines : $breakLine)
      expect(body(copy).length, end).not.toBe(lines)
      expect(moves.follow(copy, word), end).toEqual(idsIn(copy).get('w'))
      ada.close()
    }
  }
})

test('[M3] of equal lines that are taken along together the first is paired with the first', () => {
  const { doc, moves, text } = lines('la la', 'la la', 'la la', 'end')
  const before = [0, 1, 2].map((n) => idAt(text(n), 0))
  doc.transact(() => {
    body(doc).delete(0, 3)
    const list = new Y.XmlElement('list')
    list.push(['la la', 'la la', 'la la'].map(paragraph))
    body(doc).insert(0, [list])
  })
  const list = body(doc).get(0) as Y.XmlElement
  const copies = list.toArray().map((line) => idAt((line as Y.XmlElement).get(0) as Y.XmlText, 0))
  expect(before.map((id) => moves.follow(doc, id))).toEqual(copies)
})

test('[U40] what went along with the last pasted line was moved, not what is pasted and like it', () => {
  const { doc, moves, text, idAt } = lines('Abc def.', 'end')
  const end = idAt(0, 1)
  doc.transact(() => {
    text(0).delete(1, 7)
    text(0).insert(1, 'bc def.')
    body(doc).insert(1, [paragraph('bc def.')])
  })
  const [pasted, along] = [idAt(0, 1), idAt(1, 0)]
  expect(moves.follow(doc, end)).toEqual(along)

  doc.transact(() => {
    text(0).delete(1, 7)
    text(0).insert(1, 'bc def.')
    body(doc).delete(1, 1)
  })

  expect(moves.follow(doc, along)).toEqual(idAt(0, 1))
  expect(moves.follow(doc, pasted)).toBeUndefined()
})

test('[M4] characters that go with their place, unseen by whoever took it away, are no part of the copy', () => {
  const { doc, moves, apply, text, idAt } = lines('Alpha', 'Beta')
  const ben = new Y.Doc()
  ben.clientID = 2
  Y.applyUpdate(ben, Y.encodeStateAsUpdate(doc))
  const before = Y.encodeStateVector(ben)
  ben.transact(() => {
    const texts = body(ben)
      .toArray()
      .map((line) => (line as Y.XmlElement).get(0) as Y.XmlText)
    texts[0]!.insert(5, 'Beta')
    body(ben).delete(1, 1)
  })
  text(1).insert(2, 'Be') // Ben has not seen it: it goes with the paragraph
  const [unseen, last] = [idAt(1, 2), idAt(1, 5)]
  apply(Y.encodeStateAsUpdate(ben, before))
  expect(moves.follow(doc, unseen)).toBeUndefined()
  expect(moves.follow(doc, last)).toEqual(idAt(0, 8))
})

test('[M5] so many ranges are kept and no more, the oldest are forgotten first, and what is said last holds', () => {
  const doc = new Y.Doc()
  doc.clientID = 9
  doc.getText('to').insert(0, 'x'.repeat(500))
  const random = new Random(5)
  const moves = new Moves({ most: 60 })
  const said = new Map<number, number>()
  for (let n = 0; n < 400; n++) {
    const [clock, length, toClock] = [random.below(200), 1 + random.below(9), random.below(400)]
    moves.add([{ client: 1, clock, length, toClient: 9, toClock }])
    for (let at = 0; at < length; at++) said.set(clock + at, toClock + at)
    expect(moves.size).toBeLessThanOrEqual(60)
    let known = 0
    for (const [from, to] of said) {
      const found = moves.follow(doc, Y.createID(1, from))
      if (found) expect(found).toEqual(Y.createID(9, to))
      if (found) known++
    }
    expect(known).toBeGreaterThan(0)
  }
})

test('[M6] who awaits copies finds what went with its place at the copy that is written later', () => {
  const { doc, text, idAt } = lines('Alpha', 'Ben wrote this')
  const moves = new Moves({ awaitsCopies: true })
  doc.on('beforeObserverCalls', (transaction: Y.Transaction) => moves.notice(transaction))
  const [first, last] = [idAt(1, 0), idAt(1, 13)]
  doc.transact(() => body(doc).delete(1, 1))
  expect(moves.follow(doc, first)).toBeUndefined()
  doc.transact(() => text(0).insert(5, 'Ben wrote this'))
  expect(moves.follow(doc, first)).toEqual(idAt(0, 5))
  expect(moves.follow(doc, last)).toEqual(idAt(0, 18))
})

test('[M1] a letter that takes two units is never halved', () => {
  const { doc, moves, text, idAt } = lines('a😀', 'b')
  const [high, low] = [idAt(0, 1), idAt(0, 2)]
  doc.transact(() => {
    text(0).delete(1, 2)
    text(0).insert(1, '😁')
  })
  expect([high, low].map((id) => moves.follow(doc, id))).toEqual([undefined, undefined])
})
