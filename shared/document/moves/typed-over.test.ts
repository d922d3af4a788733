/** Words that are typed over a selection are nobody else's: who deletes what was selected leaves them. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Random } from '#server/testing/random.ts'
import { Moves } from '#shared/document/moves.ts'
import { body } from '#shared/document/shape.ts'

/** A document of these lines, and what its transactions move. */
function lines(...written: string[]) {
  const doc = new Y.Doc()
  const texts = written.map((line) => new Y.XmlText(line))
  const paragraphs = texts.map((text) => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [text])
    return paragraph
  })
  body(doc).insert(0, paragraphs)
  const moves = new Moves()
  doc.on('beforeObserverCalls', (transaction: Y.Transaction) => moves.notice(transaction))
  return { doc, moves, texts }
}

const word = (random: Random, length: number): string =>
  Array.from({ length }, () => random.pick([...'abc'])).join('')

test('[M41] what is typed over a selection within a line is no move, however alike it is', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed)
    const { doc, moves, texts } = lines(word(random, 12))
    const at = random.below(6)
    doc.transact(() => {
      texts[0]!.delete(at, 1 + random.below(6))
      texts[0]!.insert(at, word(random, 1 + random.below(6)))
    })

    expect(moves.size, `seed ${seed}`).toBe(0)
  }
})

test('[M42] a letter typed over several lines is none of theirs, and what is left of the last one is found', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed)
    const [first, last] = [word(random, 6), `${word(random, 6)}.`]
    const { doc, moves, texts } = lines(first, last)
    const [from, to] = [1 + random.below(5), 1 + random.below(6)]
    // A letter that is the last of the selection may as well be left of it.
    const typed = random.pick([...'abc'].filter((letter) => letter !== last[to - 1]))
    const ids = [...idsOf(texts[0]!), ...idsOf(texts[1]!)]
    doc.transact(() => {
      texts[0]!.delete(from, first.length - from)
      body(doc).delete(1, 1)
      texts[0]!.insert(from, typed + last.slice(to))
    })

    const copies = idsOf(texts[0]!).slice(from + 1)
    const found = ids.slice(from).map((id) => moves.next(id))
    const none = Array<undefined>(first.length - from + to).fill(undefined)
    expect(found, `seed ${seed}`).toEqual([...none, ...copies])
  }
})

test('[M36] case 33.6: a text that is written again where it stood counts as moved, not as typed over', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed)
    const line = word(random, 20)
    const { doc, moves, texts } = lines(line)
    const [at, length] = [random.below(6), 8 + random.below(6)]
    const ids = idsOf(texts[0]!).slice(at, at + length)
    doc.transact(() => {
      texts[0]!.delete(at, length)
      texts[0]!.insert(at, line.slice(at, at + length))
    })

    const found = ids.map((id) => moves.next(id))
    expect(found, `seed ${seed}`).toEqual(idsOf(texts[0]!).slice(at, at + length))
  }
})

/** The ids of a text's living characters, in order. */
function idsOf(text: Y.XmlText): Y.ID[] {
  const ids: Y.ID[] = []
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue
    for (let n = 0; n < item.length; n++) ids.push(Y.createID(item.id.client, item.id.clock + n))
  }
  return ids
}
