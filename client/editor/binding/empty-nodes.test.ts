import { $isListNode } from '@lexical/list'
import * as L from 'lexical'
import { expect, test } from 'vitest'
import { addressBlocks } from '#server/ai/addresses.ts'
import { EditStream } from '#server/ai/answers/edit-stream.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { Person } from '#server/testing/editors.ts'
import { Star } from '#server/testing/star.ts'
import { exportBlocks } from '#shared/document/export.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { $setBlockType } from '../blocks.ts'

const HOSTS = new Set(['example.org'])

/** Three people with their carets in the text. */
function three(markdown: string) {
  const stream = new MarkdownStream(HOSTS)
  const star = new Star(firstContent([...stream.push(markdown), ...stream.end()]).update)
  const people = ['ada', 'ben', 'cy'].map((name, n) =>
    star.join((content, send) => new Person(name, { client: 100 + n, content, send })),
  )
  for (const person of people) {
    person.edit(() => void (L.$getRoot().getFirstDescendant() as L.TextNode).select(1, 1))
  }
  return { star, people: people as [Person, Person, Person] }
}

const exported = (star: Star) => exportBlocks(readBlocks(star.doc, 'without'), 'markdown').trimEnd()

function expectOne(star: Star, people: readonly Person[], markdown: string): void {
  expect(exported(star)).toBe(markdown)
  for (const person of people) {
    expect(person.errors).toEqual([])
    expect(person.echoes).toBe(0)
    expect(person.view).toBe(people[0]!.view)
    expect(person.view).toBe(person.freshView)
  }
}

const $drop = (words: string) => {
  const text = L.$getRoot()
    .getAllTextNodes()
    .find((one) => one.getTextContent().includes(words))!
  const at = text.getTextContent().indexOf(words)
  text.select(at, at + words.length).removeText()
}
const $list = (n: number) => {
  const list = L.$getRoot().getChildAtIndex(n)
  if (!$isListNode(list)) throw new Error('no list')
  return list
}

test('[U20] case 30.1: a link whose words go with an accepted suggestion goes once, whoever has the page open', () => {
  const { star, people } = three('Read [this](https://example.org) now please.\n\nAnother.')
  const [ada, ben] = people
  const edit = new EditStream({
    blocks: addressBlocks(readBlocks(star.doc, 'without')),
    granularity: 'words',
    hosts: HOSTS,
  })
  const pen = star.run('r', 9, { kind: 'edit' })
  star.write(pen, [...edit.push('b1.1: Read now please.\n'), ...edit.end()])
  star.end(pen)
  star.quiet()

  ada.decide('r.1', 'accepted')
  star.quiet()
  expectOne(star, people, 'Read now please.\n\nAnother.')
  ben.edit(
    () => void (L.$getRoot().getFirstDescendant() as L.TextNode).select(0, 0).insertText('I '),
  )
  star.quiet()
  expectOne(star, people, 'I Read now please.\n\nAnother.')
})

test('[U20] case 30.1: a link whose words two people delete at the same time', () => {
  const { star, people } = three('Read [thisthat](https://example.org) now.')
  const [ada, ben, cy] = people

  ada.edit(() => $drop('this'))
  ben.edit(() => $drop('that'))
  star.quiet()
  expectOne(star, people, 'Read  now.')
  cy.edit(
    () => void (L.$getRoot().getFirstDescendant() as L.TextNode).select(0, 0).insertText('I '),
  )
  star.quiet()
  expectOne(star, people, 'I Read  now.')
})

test('[U20] case 30.1: a list whose items two people delete at the same time', () => {
  const { star, people } = three('Top.\n\n- one\n- two\n\nBottom.')
  const [ada, ben, cy] = people

  ada.edit(() => void $list(1).getChildAtIndex(0)?.remove())
  ben.edit(() => void $list(1).getChildAtIndex(1)?.remove())
  star.quiet()
  expectOne(star, people, 'Top.\n\nBottom.')
  cy.edit(() => {
    const paragraph = L.$createParagraphNode().append(L.$createTextNode('New.'))
    L.$getRoot().getLastChild()?.insertAfter(paragraph)
  })
  star.quiet()
  expectOne(star, people, 'Top.\n\nBottom.\n\nNew.')
})

test('[U20] case 30.1: a nested list whose items two people delete at the same time', () => {
  const { star, people } = three('- top\n  - one\n  - two\n- end')
  const [ada, ben] = people
  const $inner = () =>
    ($list(0).getChildAtIndex(1) as L.ElementNode).getFirstChildOrThrow() as L.ElementNode

  ada.edit(() => void $inner().getChildAtIndex(0)?.remove())
  ben.edit(() => void $inner().getChildAtIndex(1)?.remove())
  star.quiet()

  expectOne(star, people, '- top\n- end')
})

test('[U21] a link or list that its own person empties goes at once', () => {
  const { star, people } = three('Read [this](https://example.org) now.\n\n- one')
  const [ada] = people

  ada.edit(() => $drop('this'))
  ada.edit(() => void $list(1).getFirstChild()?.remove())
  star.quiet()

  expectOne(star, people, 'Read  now.')
  for (const { view } of people) expect(view).toBe('[paragraph "Read  now."]')
})

test('[U22] beside a list that others have emptied a new one can be begun', () => {
  const { star, people } = three('Top.\n\n- one\n- two')
  const [ada, ben] = people
  ada.edit(() => void $list(1).getChildAtIndex(0)?.remove())
  ben.edit(() => void $list(1).getChildAtIndex(1)?.remove())
  star.quiet()

  ada.edit(() => {
    L.$getRoot().selectStart()
    $setBlockType('bullet')
  })
  star.quiet()

  expectOne(star, people, '- Top.')
})
