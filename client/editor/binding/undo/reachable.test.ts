import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Person } from '#server/testing/editors.ts'
import { Random } from '#server/testing/random.ts'
import {
  changeType,
  eraseAcrossBlocks,
  indent,
  makeItem,
  outdent,
} from '#server/testing/restructuring.ts'
import { type Action, Alphabet, enter, erase, merge, type } from '#server/testing/typing.ts'
import { body } from '#shared/document/shape.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 4)
/** Yjs alone parts the editors in this one; in about one of five hundred. */
const SEED = Number(process.env.FUZZ_SEED ?? 428)
const STEPS = 40

const undo: Action = (person) => person.undo()
const redo: Action = (person) => person.redo()
const ACTIONS = [
  ...[type, type, enter, merge, erase, changeType, eraseAcrossBlocks],
  ...[makeItem, indent, outdent, undo, undo, redo],
]

const textOf = (doc: Y.Doc): string => body(doc).toArray().map(String).join('')

function firstContent(): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = 1
  for (const words of ['abcdefgh', 'ijklmnop', 'qrst']) {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(words)])
    body(doc).push([paragraph])
  }
  return Y.encodeStateAsUpdate(doc)
}

test('[M29] what undo restores stands at the same place in every document that reads it', () => {
  const content = firstContent()
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const random = new Random(seed)
    const alphabet = new Alphabet(0x4e00, 0x9fff)
    const sent: { from: Person; update: Uint8Array }[] = []
    const people = [100, 200].map((client) => {
      const person: Person = new Person(`person ${client}`, {
        client,
        content,
        send: (update) => sent.push({ from: person, update }),
      })
      return person
    })
    const deliver = () => {
      for (let next = sent.shift(); next; next = sent.shift()) {
        for (const person of people) if (person !== next.from) person.receive(next.update)
      }
    }
    for (let step = 0; step < STEPS; step++) {
      const person = random.pick(people)
      random.pick(ACTIONS)(person, random, alphabet)
      if (random.chance(0.5)) deliver()
      const read = new Y.Doc()
      Y.applyUpdate(read, Y.encodeStateAsUpdate(person.doc))
      expect(textOf(read), `seed ${seed}, step ${step}`).toBe(textOf(person.doc))
    }
    deliver()
    const [one, other] = people.map(({ doc }) => textOf(doc))
    expect(one, `seed ${seed}`).toBe(other)
    for (const person of people) person.close()
  }
})
