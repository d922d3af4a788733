import * as L from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { runsOf, textsUnder } from '#server/suggestions/items.ts'
import { Person } from '#server/testing/editors.ts'
import { Random } from '#server/testing/random.ts'
import { Star } from '#server/testing/star.ts'
import { body } from '#shared/document/shape.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 40)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

/** The clients of two people, and the one that a run writes as. */
const [ADA, BEN, RUN] = [100, 101, 9]

/** A document of one line and two people. */
function pair(line: string) {
  const stream = new MarkdownStream(new Set())
  const star = new Star(firstContent([...stream.push(line), ...stream.end()]).update)
  const people = [ADA, BEN].map((client) =>
    star.join((content, send) => new Person(`client ${client}`, { client, content, send })),
  )
  return { star, people: people as [Person, Person] }
}

/** A run writes `words` at an offset of the line, and ends. */
function propose(star: Star, words: string, offset: number): void {
  const [text] = textsUnder(body(star.doc))
  const position = Y.createRelativePositionFromTypeIndex(text!, offset)
  const run = star.run('r', RUN, { kind: 'inline', position })
  const stream = new MarkdownStream(new Set())
  star.write(run, [...stream.push(words), ...stream.end()])
  star.end(run)
  star.quiet()
}

/** The ids of all characters, in the order of the text. */
const idsIn = (doc: Y.Doc): string[] =>
  [...textsUnder(body(doc))].flatMap((text) =>
    [...runsOf(text)].flatMap(({ client, clock, length }) =>
      Array.from({ length }, (_, n) => `${client}.${clock + n}`),
    ),
  )

const writtenBy = (doc: Y.Doc, client: number) =>
  idsIn(doc).filter((id) => id.startsWith(`${client}.`))

/** Types one character anywhere in the text, and says at which place of all characters that is. */
function $type(random: Random): number {
  const texts = L.$getRoot().getAllTextNodes()
  const text = random.pick(texts)
  const at = random.below(text.getTextContentSize() + 1)
  text.select(at, at).insertText(random.pick(['a', 'b', ' ']))
  const before = texts.slice(0, texts.indexOf(text))
  return before.reduce((size, { __text }) => size + __text.length, at)
}

test(`[E3] gate identity: each typed character is one new item of its writer at its place, beside equal ones too, and a rejection leaves it (${RUNS} × 20 edits from seed ${SEED})`, () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const random = new Random(seed)
    const { star, people } = pair('aa b ab.')
    const letters = Array.from({ length: 14 }, () => random.pick(['a', 'a', 'b', ' ']))
    propose(star, `${letters.join('')}x`, random.below(8))
    for (let n = 0; n < 20; n++) {
      const story = `seed ${seed}, edit ${n}`
      const person = random.pick(people)
      const before = idsIn(person.doc)
      let place = 0
      person.edit(() => {
        place = $type(random)
      })
      const after = idsIn(person.doc)
      const id = after[place]!
      expect(id.startsWith(`${person.doc.clientID}.`), story).toBe(true)
      expect(after.toSpliced(place, 1), story).toEqual(before)
      star.quiet()
    }
    people[0].decide('r.1', 'rejected')
    star.quiet()
    expect(writtenBy(star.doc, RUN), `seed ${seed}`).toEqual([])
    expect([...writtenBy(star.doc, ADA), ...writtenBy(star.doc, BEN)]).toHaveLength(20)
    expect(people[0].view).toBe(people[1].view)
    star.close()
  }
}, 240_000)

test.each([
  ['between The and  quick', 'The', 'MY OWN WORDS'],
  ['between T and he', 'T', 'hi ho'],
  ['behind the last word', 'jumps', 's s'],
])('[E3] case 30.2: what is typed into a suggestion, %s, is what is left when it is rejected', (_, before, words) => {
  const { star, people } = pair('Start.')
  const [ada] = people
  propose(star, ' The quick fox jumps.', 6)
  const $proposed = () =>
    L.$getRoot()
      .getAllTextNodes()
      .find((text) => text.__text.includes('The'))!
  ada.edit(() => {
    const at = $proposed().__text.indexOf(before) + before.length
    $proposed().select(at, at)
  })

  for (const letter of words) {
    ada.edit(() => L.$getSelection()?.insertText(letter))
    star.quiet()
  }
  ada.decide('r.1', 'rejected')
  star.quiet()

  expect(ada.text).toBe(`Start.${words}`)
  expect(people[1].view).toBe(ada.view)
})
