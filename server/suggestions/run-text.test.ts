import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import { body, seedEmpty } from '#shared/document/shape.ts'
import type { Place } from './place.ts'
import { RunText } from './run-text.ts'
import { Suggestions } from './suggestions.ts'

const block = (spec: BlockSpec): Piece => ({ kind: 'block', block: spec })
const text = (text: string, format = 0, url?: string): Piece =>
  url === undefined ? { kind: 'text', text, format } : { kind: 'text', text, format, url }
const chunk: Piece = { kind: 'chunk' }
const paragraph = block({ type: 'paragraph' })
const item = (list: 'bullet' | 'number' | 'check', depth = 0, checked?: boolean) =>
  block({ type: 'listitem', list, depth, ...(checked === undefined ? {} : { checked }) })

/** A document of paragraphs by a person with client id 5, and its provisional text. */
function world(...paragraphs: string[]) {
  const doc = new Y.Doc()
  doc.clientID = 5
  if (paragraphs.length === 0) seedEmpty(doc)
  for (const content of paragraphs) {
    const element = new Y.XmlElement('paragraph')
    element.insert(0, [new Y.XmlText(content)])
    body(doc).push([element])
  }
  doc.clientID = 7
  const suggestions = new Suggestions(doc)
  const run = (place: Place, client = 100, suggestion = 's') =>
    new RunText(suggestions, { suggestion, client, place })
  const caret = (block: number, index: number): Place => ({
    kind: 'inline',
    position: Y.createRelativePositionFromTypeIndex(textIn(doc, block), index),
  })
  return { doc, suggestions, run, caret, view: () => body(doc).toArray().map(show).join(' ') }
}

const textIn = (doc: Y.Doc, block: number) =>
  (body(doc).get(block) as Y.XmlElement).get(0) as Y.XmlText

interface Delta {
  insert: string
  attributes?: { s_sg?: string; p?: { __format: number } }
}

/** `[paragraph "abc" {ins:s.1}"def"]`: readable, with flags and the attributes that matter. */
function show(type: unknown): string {
  if (type instanceof Y.XmlText) {
    const runs: { look: string; text: string }[] = []
    for (const { insert, attributes = {} } of type.toDelta() as Delta[]) {
      const { s_sg: flag, p } = attributes
      const look = `${flag ? `{${flag}}` : ''}${p ? `/${p.__format} ` : ''}`
      const last = runs.at(-1)
      if (last?.look === look) last.text += insert
      else runs.push({ look, text: insert })
    }
    return runs.map(({ look, text }) => look + JSON.stringify(text)).join(' ')
  }
  const element = type as Y.XmlElement
  const { s_sg, ...rest } = element.getAttributes() as Record<string, unknown>
  const attributes = Object.entries(rest).map(([key, value]) => ` ${key}=${value}`)
  const children = element.toArray().map(show).filter(Boolean)
  return `${s_sg ? `{${s_sg}}` : ''}[${element.nodeName}${attributes.join('')}${children.map((child) => ` ${child}`).join('')}]`
}

describe('a run within a line', () => {
  test('[S1] what it writes is proposed where the caret was, sentence by sentence', () => {
    const { suggestions, run, caret, view } = world('plain  tail')
    const pen = run(caret(0, 6))

    const first = pen.write([paragraph, text('One.'), chunk, text(' Tw')], 'run')
    const second = pen.write([text('o'), chunk], 'run')
    pen.end('run')

    expect(view()).toBe('[paragraph "plain " {ins:s.1}"One." {ins:s.2}" Two" " tail"]')
    expect(first).toEqual({
      text: 'One. Tw',
      complete: [{ id: 's.1', text: 'One.', kind: 'sentence', state: 'open' }],
      gone: false,
    })
    expect(second.complete).toEqual([{ id: 's.2', text: ' Two', kind: 'sentence', state: 'open' }])
    expect(suggestions.takeChanges().map(({ id, state }) => [id, state])).toEqual([
      ['s.1', 'open'],
      ['s.2', 'open'],
    ])
  })

  test('[S1] a run writes under its own client id and gives the document back its own', () => {
    const { doc, suggestions, run, caret } = world('plain')

    run(caret(0, 5)).write([text('abc')], 'run')

    expect(doc.clientID).toBe(7)
    expect(suggestions.takeChanges()[0]?.ins.map((range) => range.client)).toEqual([100])
  })

  test('[S2] rejecting everything gives the people’s document, also from an empty paragraph', () => {
    for (const content of [[], ['plain  tail']]) {
      const { doc, suggestions, run, caret, view } = world(...content)
      const before = view()
      const place = content.length ? caret(0, 6) : ({ kind: 'end' } as const)
      const pen = run(place)
      pen.write([paragraph, text('One.'), chunk, text(' B', 1), paragraph, text('Two.')], 'run')
      pen.write([block({ type: 'heading', level: 2 }), text('Three'), item('bullet')], 'run')
      pen.write([text('four'), item('bullet', 1), text('five'), item('check', 0, true)], 'run')
      pen.write(
        [text('six'), block({ type: 'divider' }), block({ type: 'code', language: 'js' })],
        '',
      )
      pen.write([text('a'), { kind: 'break' }, text('b'), block({ type: 'quote' }), text('c')], '')
      pen.end('run')

      const open = suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
      suggestions.settle(open, 'rejected', 'ada', 'room')

      expect(view()).toBe(before)
      expect(suggestions.list()).toEqual([])
      suggestions.repair('room')
      expect(view()).toBe(before)
      expect(doc.store.pendingStructs).toBeNull()
    }
  })

  test('[S2] rejecting one by one, in any order, does the same', () => {
    for (const order of [1, -1]) {
      const { suggestions, run, caret, view } = world('plain')
      const before = view()
      const pen = run(caret(0, 5))
      pen.write([paragraph, text('A.'), paragraph, text('B.'), chunk, text('C.'), chunk], 'run')
      pen.write([item('number'), text('d'), item('number', 1), text('e'), item('number')], 'run')
      pen.write([text('f'), item('bullet'), text('g')], 'run')
      pen.end('run')

      const open = suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
      expect(open).toHaveLength(7)
      for (const id of open.sort(() => order)) suggestions.settle([id], 'rejected', 'ada', 'room')

      expect(view()).toBe(before)
    }
  })

  test('[S3] accepting leaves normal text and blocks', () => {
    const { suggestions, run, view } = world()
    const pen = run({ kind: 'end' })
    pen.write(
      [block({ type: 'heading', level: 1 }), text('Plan'), paragraph, text('Do '), text('it', 1)],
      '',
    )
    pen.write(
      [item('bullet'), text('one'), item('bullet', 1), text('two'), item('bullet'), text('three')],
      '',
    )
    pen.end('')

    expect(view()).toMatch(/^\{del:s.1\}\[paragraph\] \{ins:s.1\}\[heading/)
    const open = suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
    suggestions.settle(open, 'accepted', 'ada', 'room')

    expect(view()).toBe(
      '[heading "Plan"] [paragraph "Do " /1 "it"] [list __listType=bullet __tag=ul ' +
        '[listitem "one"] [listitem [list __listType=bullet __tag=ul [listitem "two"]]] [listitem "three"]]',
    )
  })

  test('[S4] links and breaks stand between texts', () => {
    const { suggestions, run, caret, view } = world('plain')
    const before = view()
    const pen = run(caret(0, 5))
    pen.write([text(' see '), text('he', 0, 'https://a.b'), text('re', 0, 'https://a.b')], '')
    pen.write([text(' and', 0), { kind: 'break' }, text('on')], '')
    pen.end('')

    expect(view()).toBe(
      '[paragraph "plain" {ins:s.1}" see " {ins:s.1}[link __url=https://a.b {ins:s.1}"here"] ' +
        '{ins:s.1}" and" {ins:s.1}[linebreak] {ins:s.1}"on"]',
    )
    suggestions.settle(['s.1'], 'rejected', 'ada', '')
    expect(view()).toBe(before)
  })

  test('[S4] before people’s text a link is its text and a break a space', () => {
    const { run, caret, view } = world('plain  tail')
    run(caret(0, 6)).write([text('a', 0, 'https://a.b'), { kind: 'break' }, text('b')], '')
    expect(view()).toBe('[paragraph "plain " {ins:s.1}"a b" " tail"]')
  })
})

describe('the pen', () => {
  test('[S5] waits where its paragraph or its last character is gone, until it is given up', () => {
    const one = world('plain', 'other')
    const pen = one.run(one.caret(1, 5))
    pen.write([text('abc')], '')
    body(one.doc).delete(1, 1)
    expect(pen.write([text('x')], '')).toMatchObject({ text: '', gone: false })
    expect(pen).toMatchObject({ waits: true, isKeeping: true })
    pen.giveUp()
    expect(pen.write([text('x')], '')).toMatchObject({ text: '', gone: true })

    const two = world('plain')
    const other = two.run(two.caret(0, 5))
    other.write([text('abc')], '')
    textIn(two.doc, 0).delete(5, 3)
    expect(other).toMatchObject({ waits: true, gone: false })
  })

  test('[S5] goes on behind the last character that is left', () => {
    const { doc, run, caret, view } = world('plain tail')
    const pen = run(caret(0, 5))
    pen.write([text('abcd')], '')
    textIn(doc, 0).delete(7, 2)
    pen.write([text('X')], '')
    expect(view()).toBe('[paragraph "plain" {ins:s.1}"abX" " tail"]')
  })

  test('[S5] a place that was deleted before the first word is lost', () => {
    const { doc, run, caret } = world('plain', 'other')
    const pens = [run(caret(1, 2)), run({ kind: 'after-block', block: body(doc).get(1)._item!.id })]
    body(doc).delete(1, 1)
    expect(pens.map((pen) => pen.gone)).toEqual([true, true])
  })

  test('[S6] keeps its block when an earlier sentence in it is rejected', () => {
    const { suggestions, run, caret, view } = world('plain')
    const pen = run(caret(0, 5))
    pen.write([text(' 0.'), chunk, paragraph, text('One.'), chunk], '')

    suggestions.settle(['s.2'], 'rejected', 'ada', '')
    pen.write([text('Two.'), chunk], '')

    expect(view()).toBe('[paragraph "plain" {ins:s.1}" 0."] {ins:s.3}[paragraph {ins:s.3}"Two."]')
    suggestions.settle(['s.3'], 'rejected', 'ada', '')
    pen.end('')
    expect(view()).toBe('[paragraph "plain" {ins:s.1}" 0."]')
  })

  test('[S6] stops when everything so far was rejected', () => {
    const { suggestions, run, caret } = world('plain')
    const pen = run(caret(0, 5))
    pen.write([text('One.'), chunk], '')
    suggestions.settle(['s.1'], 'rejected', 'ada', '')
    expect(pen.write([text('Two.')], '').gone).toBe(true)
  })
})

describe('an edit', () => {
  const span = (clock: number, length: number) => ({ client: 5, clock, length })

  test('[S7] strikes by id and proposes beside; either outcome is exact', () => {
    for (const [decision, result] of [
      ['accepted', '[paragraph "the slow fox"]'],
      ['rejected', '[paragraph "the quick fox"]'],
    ] as const) {
      const { doc, suggestions, run, view } = world('the quick fox')
      const start = textIn(doc, 0)._start!.id.clock
      const pen = run({ kind: 'edit' })
      const written = pen.write(
        [{ kind: 'strike', spans: [span(start + 4, 5)] }, text('slow'), chunk],
        '',
      )

      expect(view()).toBe('[paragraph "the " {del:s.1}"quick" {ins:s.1}"slow" " fox"]')
      expect(written.complete).toEqual([{ id: 's.1', text: 'slow', kind: 'edit', state: 'open' }])
      suggestions.settle(['s.1'], decision, 'ada', '')
      expect(view()).toBe(result)
    }
  })

  test('[S7] what people removed meanwhile is skipped with its replacement', () => {
    const { doc, run, view } = world('the quick fox')
    const start = textIn(doc, 0)._start!.id.clock
    textIn(doc, 0).delete(4, 5)
    const pen = run({ kind: 'edit' })
    const written = pen.write(
      [
        { kind: 'strike', spans: [span(start + 4, 5)] },
        text('slow'),
        chunk,
        { kind: 'after', client: 5, clock: start + 12 },
        text('!'),
        chunk,
      ],
      '',
    )
    expect(view()).toBe('[paragraph "the  fox" {ins:s.2}"!"]')
    expect(written.complete).toEqual([{ id: 's.2', text: '!', kind: 'edit', state: 'open' }])
    expect(written.text).toBe('!')
  })

  test('[S7] a whole line that becomes blocks of another kind goes with the acceptance', () => {
    const { doc, suggestions, run, view } = world('a, b', 'end')
    const start = textIn(doc, 0)._start!.id.clock
    const pen = run({ kind: 'edit' })
    pen.write([{ kind: 'strike', spans: [span(start, 4)] }, item('bullet'), text('a')], '')
    pen.write([item('bullet'), text('b'), chunk], '')
    pen.end('')

    suggestions.settle(['s.1'], 'accepted', 'ada', '')
    expect(view()).toBe(
      '[list __listType=bullet __tag=ul [listitem "a"] [listitem "b"]] [paragraph "end"]',
    )
    suggestions.reopen('s.1', '')
    suggestions.settle(['s.1'], 'rejected', 'ada', '')
    expect(view()).toBe('[paragraph "a, b"] [paragraph "end"]')
  })
})
