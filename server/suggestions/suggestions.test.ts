import * as L from 'lexical'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Person } from '#server/testing/editors.ts'
import { Star } from '#server/testing/star.ts'
import { body, decisionMap } from '#shared/document/shape.ts'

/** Ada and Ben in one document, `plain  tail`, and a sentence proposed between the words. */
function world({ sentences = ['One two.'] } = {}) {
  const doc = new Y.Doc()
  doc.clientID = 5
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText('plain  tail')])
  body(doc).insert(0, [paragraph])
  const star = new Star(Y.encodeStateAsUpdate(doc))
  const join = (name: string, client: number) =>
    star.join((content, send) => new Person(name, { client, content, send }))
  const [ada, ben] = [join('ada', 101), join('ben', 102)]
  const line = (body(star.doc).get(0) as Y.XmlElement).get(0) as Y.XmlText
  const position = Y.createRelativePositionFromTypeIndex(line, 6)
  const pen = star.run('s', 1000, { kind: 'inline', position })
  for (const text of sentences) {
    star.write(pen, [{ kind: 'text', text, format: 0 }, { kind: 'chunk' }])
  }
  star.quiet()
  const views = () => {
    star.quiet()
    expect(ben.view).toBe(ada.view)
    expect(ada.freshView).toBe(ada.view)
    expect([ada.echoes, ben.echoes]).toEqual([0, 0])
    return ada.view
  }
  return { star, ada, ben, pen, views }
}

/** Puts the caret into the text that contains `part`, behind as many of its characters. */
function type(person: Person, part: string, at: number, typed: string): void {
  person.edit(() => {
    $find(part).select(at, at).insertText(typed)
  })
}
const $find = (part: string) =>
  L.$getRoot()
    .getAllTextNodes()
    .find((text) => text.getTextContent().includes(part))!

describe('people in provisional text', () => {
  test.each([
    ['accepted', '[paragraph "plain OneZZ two. tail"]'],
    ['rejected', '[paragraph "plain ZZ tail"]'],
  ] as const)('[S8] what a person types into it is theirs and stays: %s', (decision, result) => {
    const { star, ada, ben, views } = world()

    star.goOffline(ben)
    type(ben, 'One', 3, 'ZZ')
    ada.decide('s.1', decision)
    star.quiet()

    expect(views()).toBe(result)
  })

  test('[S8] typed text is plain at once, and at both edges', () => {
    const { ben, views } = world()
    type(ben, 'One', 8, 'R')
    type(ben, 'One', 0, 'L')
    expect(views()).toBe('[paragraph "plain L" {ins:s.1}"One two." "R tail"]')
  })

  test.each([
    ['accepted', '[paragraph "plain One"] [paragraph " two. tail"]'],
    ['rejected', '[paragraph "plain "] [paragraph " tail"]'],
  ] as const)('[S9] the copy that Enter makes of it is decided with it: %s', (decision, result) => {
    const { ada, ben, views } = world()
    ben.edit(() => $find('One').select(3, 3).insertParagraph())
    views()

    ada.decide('s.1', decision)

    expect(views()).toBe(result)
  })

  test.each([
    ['accepted', '[paragraph "plain OneX"] [paragraph "Y two. tail"]'],
    ['rejected', '[paragraph "plain X"] [paragraph "Y tail"]'],
  ] as const)('[S9] the copy of it that stands behind pasted words is decided with it: %s', (decision, result) => {
    const { ada, ben, views } = world()
    // Typed with the break: both carry the flag until the room looks.
    ben.edit(() => {
      $find('One').select(3, 3).insertText('X')
      $find('One').select(4, 4).insertParagraph()
      $find(' two').select(0, 0).insertText('Y')
    })
    views()

    ada.decide('s.1', decision)

    expect(views()).toBe(result)
  })

  test.each([
    ['accepted', '[paragraph "plain One"] [paragraph "more two. tail"]'],
    ['rejected', '[paragraph "plain "] [paragraph "more tail"]'],
  ] as const)('[S9] the copy of it in the second line of a paste is decided with it: %s', (decision, result) => {
    const { star, ada, ben, views } = world()
    star.goOffline(ben)
    ben.edit(() => $find('One').select(3, 3).insertParagraph())
    ben.edit(() => $find(' two').select(0, 0).insertText('more'))
    star.goOnline(ben)
    views()

    ada.decide('s.1', decision)

    expect(views()).toBe(result)
  })

  test('[S9] what undo brings back of it is still provisional', () => {
    const { star, ada, ben, views } = world()
    ben.edit(() => $find('One').select(2, 6).removeText())
    expect(views()).toBe('[paragraph "plain " {ins:s.1}"Ono." " tail"]')
    ben.undo()
    expect(views()).toBe('[paragraph "plain " {ins:s.1}"One two." " tail"]')

    ada.decide('s.1', 'rejected')

    expect(views()).toBe('[paragraph "plain  tail"]')
    expect(star.suggestions.list()).toEqual([])
  })
})

describe('decisions', () => {
  test('[S10] the first one that arrives wins, and the loser’s key is removed', () => {
    const { star, ada, ben, views } = world()
    star.goOffline(ben)
    ben.decide('s.1', 'rejected')
    ada.decide('s.1', 'accepted')

    // Ben's key reaches the server behind ada's, in one and the same look at the map.
    Y.applyUpdate(star.doc, Y.encodeStateAsUpdate(ada.doc), { kind: 'room' })
    Y.applyUpdate(star.doc, Y.encodeStateAsUpdate(ben.doc), { kind: 'room' })

    expect(star.suggestions.openDecisions()).toEqual([
      { chunk: 's.1', user: 'ada', decision: 'accepted' },
    ])
    expect(views()).toBe('[paragraph "plain One two. tail"]')
    expect([...decisionMap(star.doc).keys()]).toEqual(['s.1:ada'])
  })

  test('[S10] the loser’s Ctrl+Z changes nothing, the winner’s opens it again', () => {
    const { star, ada, ben, views } = world()
    ada.decide('s.1', 'rejected')
    star.quiet()
    ben.decide('s.1', 'accepted')
    expect(views()).toBe('[paragraph "plain  tail"]')

    ben.undo()
    expect(views()).toBe('[paragraph "plain  tail"]')
    ada.undo()
    expect(views()).toBe('[paragraph "plain " {ins:s.1}"One two." " tail"]')
    ada.redo()
    expect(views()).toBe('[paragraph "plain  tail"]')
    expect(star.log.map(({ outcome }) => outcome)).toEqual(['rejected', 'reopened', 'rejected'])
  })

  test('[S11] of chunks settled together each can come back alone', () => {
    const { star, views } = world({ sentences: ['One.', ' Two.', ' Three.'] })
    star.suggestions.settle(['s.1', 's.2', 's.3'], 'rejected', 'ada', { kind: 'room' })
    expect(views()).toBe('[paragraph "plain  tail"]')

    expect(star.suggestions.reopen('s.2', { kind: 'room' })).toBe(true)
    expect(views()).toBe('[paragraph "plain " {ins:s.2}" Two." " tail"]')
    expect(star.suggestions.reopen('s.1', { kind: 'room' })).toBe(true)
    expect(views()).toBe('[paragraph "plain " {ins:s.1}"One." {ins:s.2}" Two." " tail"]')
  })

  test.each([
    'rejected',
    'accepted',
  ] as const)('[G20] case 30.8: Ctrl+Z takes a decision back after a restart too: %s', (decision) => {
    const { star, ada, views } = world()
    ada.decide('s.1', decision)
    views()
    star.restart()
    ada.undo()
    expect(views()).toBe('[paragraph "plain " {ins:s.1}"One two." " tail"]')
    ada.redo()
    expect(views()).toBe(`[paragraph "plain ${decision === 'accepted' ? 'One two.' : ''} tail"]`)
  })

  test('[S11] the chunk under way waits for its end', () => {
    const { star, ada, pen, views } = world()
    star.write(pen, [{ kind: 'text', text: ' Then', format: 0 }])
    star.quiet()
    ada.decide('s.2', 'rejected')
    star.quiet()
    expect(star.suggestions.openDecisions()).toEqual([])

    star.write(pen, [{ kind: 'text', text: ' this.', format: 0 }, { kind: 'chunk' }])

    expect(views()).toBe('[paragraph "plain " {ins:s.1}"One two." " tail"]')
  })
})

test('[S12] rows restored on another instance settle the very same characters', () => {
  const { star, ada, ben, views } = world()
  type(ben, 'One', 3, 'ZZ')
  views()
  star.restart()
  ada.decide('s.1', 'rejected')
  expect(views()).toBe('[paragraph "plain ZZ tail"]')
})

test('[S12] nothing is settled twice', () => {
  const { star } = world()
  star.suggestions.settle(['s.1'], 'accepted', 'ada', { kind: 'room' })
  const before = Y.encodeStateAsUpdate(star.doc)
  star.suggestions.settle(['s.1'], 'rejected', 'ben', { kind: 'room' })
  expect(Y.encodeStateAsUpdate(star.doc)).toEqual(before)
})

test('[S13] a flag that nobody’s chunk stands behind is cleared', () => {
  const { star, ada, views } = world()
  const forged = new Y.Doc()
  Y.applyUpdate(forged, Y.encodeStateAsUpdate(ada.doc))
  const line = (body(forged).get(0) as Y.XmlElement).get(0) as Y.XmlText
  line.format(0, 5, { s_sg: 'ins:s.1' })
  ada.receive(Y.encodeStateAsUpdate(forged))
  Y.applyUpdate(star.doc, Y.encodeStateAsUpdate(forged), { kind: 'room' })
  expect(views()).toBe('[paragraph "plain " {ins:s.1}"One two." " tail"]')
})
