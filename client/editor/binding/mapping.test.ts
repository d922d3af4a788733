import * as L from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Person } from '#server/testing/editors.ts'
import { Random } from '#server/testing/random.ts'
import { Star } from '#server/testing/star.ts'
import { type Action, Alphabet } from '#server/testing/typing.ts'
import { body } from '#shared/document/shape.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 60)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

/** A document of these lines; a line may hold further elements instead of words. */
function document(...lines: readonly (string | Y.XmlElement)[]): Uint8Array {
  const doc = new Y.Doc()
  body(doc).insert(
    0,
    lines.map((line) => (typeof line === 'string' ? element('paragraph', line) : line)),
  )
  return Y.encodeStateAsUpdate(doc)
}

function element(type: string, ...inside: readonly (string | Y.XmlElement)[]): Y.XmlElement {
  const made = new Y.XmlElement(type)
  const filled = inside.filter((one) => one !== '')
  made.insert(
    0,
    filled.map((one) => (typeof one === 'string' ? new Y.XmlText(one) : one)),
  )
  return made
}

function people(content: Uint8Array, ...names: string[]) {
  const star = new Star(content)
  const all = names.map((name, n) =>
    star.join((start, send) => new Person(name, { client: 100 + n, content: start, send })),
  )
  return { star, all: all as [Person, Person] }
}

const $line = (n: number) => L.$getRoot().getChildAtIndex(n) as L.ElementNode
const lines = (person: Person) =>
  person.editor.read(() =>
    L.$getRoot()
      .getChildren()
      .map((line) => line.getTextContent()),
  )

test('[E5] case 30.18: of equal lines each stays the line it is, though a copy is pasted in front', () => {
  const { star, all } = people(document('la la', 'la la', 'end'), 'ada', 'ben')
  const [ada, ben] = all

  ada.edit(() => {
    const copy = L.$createParagraphNode().append(L.$createTextNode('la la'))
    $line(0).insertBefore(copy)
  })
  star.quiet()
  // Ben's caret was in the first line, which is Ada's second one by now.
  ben.edit(() => $line(1).selectEnd().insertText('!'))
  star.quiet()
  ada.edit(() => $line(2).selectEnd().insertText('?'))
  star.quiet()

  expect(lines(ada)).toEqual(['la la', 'la la!', 'la la?', 'end'])
  expect(lines(ben)).toEqual(lines(ada))
})

/** Copies a block with all that is in it, as a paste does. */
function $copyOf(node: L.LexicalNode): L.LexicalNode {
  const copy = L.$copyNode(node)
  if (L.$isElementNode(node) && L.$isElementNode(copy)) {
    copy.append(...node.getChildren().map($copyOf))
  }
  return copy
}

const paste: Action = (person, random) =>
  person.edit(() => {
    const block = random.pick(L.$getRoot().getChildren())
    if (random.chance(0.5)) block.insertBefore($copyOf(block))
    else block.insertAfter($copyOf(block))
  })

/** Types at the end of any block, list item or empty line. */
const typeAtEnd: Action = (person, random, alphabet) =>
  person.edit(() => {
    const ends: L.ElementNode[] = []
    const collect = (node: L.LexicalNode) => {
      if (!L.$isElementNode(node)) return
      if (node.getChildren().every((child) => !L.$isElementNode(child))) ends.push(node)
      else node.getChildren().forEach(collect)
    }
    L.$getRoot().getChildren().forEach(collect)
    random.pick(ends).selectEnd().insertText(alphabet.take())
  })

const replace: Action = (person, random) =>
  person.edit(() => {
    const block = random.pick(L.$getRoot().getChildren())
    L.$setSelection(null)
    block.replace($copyOf(block))
  })

const moveUp: Action = (person, random) =>
  person.edit(() => {
    const block = random.pick(L.$getRoot().getChildren())
    block.getPreviousSibling()?.insertBefore(block)
  })

test(`[E5] of lines, lists and quotes that look alike, empty ones too, each stays what it is for everybody (${RUNS} histories from seed ${SEED})`, () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const random = new Random(seed)
    const list = () => element('list', element('listitem', 'todo'), element('listitem', ''))
    const content = document('todo', 'todo', '', '', list(), list(), element('quote', ''), 'done')
    const { star, all } = people(content, 'ada', 'ben', 'cy')
    const alphabet = new Alphabet(0x4e00, 0x9fff)
    for (let n = 0; n < 40; n++) {
      const action = random.pick([paste, typeAtEnd, typeAtEnd, typeAtEnd])
      action(random.pick(all), random, alphabet)
      for (let d = 0; d < 8; d++) star.step(random.next)
    }
    // Those that replace what they do not change, or put it elsewhere, come when all have heard all.
    for (let n = 0; n < 20; n++) {
      random.pick([paste, typeAtEnd, replace, moveUp])(random.pick(all), random, alphabet)
      star.quiet()
    }
    star.quiet()
    for (const person of all) {
      const story = `seed ${seed}, ${person.name}`
      expect(person.errors, story).toEqual([])
      expect(person.view, story).toBe(all[0].view)
      expect(person.view, story).toBe(person.freshView)
      expect(person.echoes, story).toBe(0)
    }
    star.close()
  }
}, 240_000)

test('[E5] what is not touched is not written, wherever blocks change places', () => {
  const { all } = people(document('one', 'two', 'three', 'four'), 'ada')
  const [ada] = all
  const ids = () =>
    body(ada.doc)
      .toArray()
      .map((block) => `${block._item?.id.client}.${block._item?.id.clock}`)
  const before = ids()

  ada.edit(() => void $line(0).insertBefore($line(3)))

  expect(lines(ada)).toEqual(['four', 'one', 'two', 'three'])
  expect(ids().slice(1)).toEqual(before.slice(0, 3))
})
