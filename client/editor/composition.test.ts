// @vitest-environment jsdom
import { $getRoot, type TextNode } from 'lexical'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { holdWhileComposing } from './composition.ts'
import { join, openSide, seededDoc } from './testing/pair.ts'

afterEach(() => document.body.replaceChildren())

/** A text and what it was told, in order: `-out` where what is written is held, `+out` where it goes. */
function held() {
  const root = document.createElement('div')
  document.body.append(root)
  const told: string[] = []
  const of = (name: string) => ({
    composing: (composing: boolean) => void told.push(`${composing ? '-' : '+'}${name}`),
  })
  const stop = holdWhileComposing({ root, outgoing: of('out'), incoming: of('in') })
  const happens = (...events: string[]) => {
    for (const event of events) root.dispatchEvent(new Event(event))
  }
  return { told, stop, happens }
}

test('[V23] others’ changes wait from the start of a composition to behind its end', async () => {
  const { told, stop, happens } = held()

  happens('compositionstart')
  expect(told).toEqual(['-in', '-out'])
  happens('compositionend')
  expect(told).toEqual(['-in', '-out'])
  // What was composed goes out before others' changes come in.
  await eventually(() => expect(told).toEqual(['-in', '-out', '+out', '+in']))
  happens('compositionstart')
  stop()

  expect(told.slice(4)).toEqual(['-in', '-out', '+out', '+in'])
})

test('[U34] a syllable that begins where another ends lets that one go out first', async () => {
  const { told, happens } = held()

  happens('compositionstart', 'compositionend', 'compositionstart')
  expect(told).toEqual(['-in', '-out', '+out', '-in', '-out'])
  happens('compositionend', 'blur')

  await eventually(() => expect(told.slice(5)).toEqual(['+out', '+in']))
})

test.each([
  ['pagehide', window],
  ['beforeunload', window],
])('[U35] a page that is left commits what stands there, and goes on where it stays: %s', (name, target) => {
  const { told, happens } = held()

  target.dispatchEvent(new Event(name))
  expect(told).toEqual([])
  happens('compositionstart')
  target.dispatchEvent(new Event(name))

  expect(told).toEqual(['-in', '-out', '+out', '-out'])
})

test('[U35] a text that is left in the middle of a composition commits it, and one that is not says nothing', async () => {
  const { told, happens } = held()

  happens('blur')
  happens('compositionstart', 'blur')

  await eventually(() => expect(told).toEqual(['-in', '-out', '+out', '+in']))
})

test('[U30] case 24: all that is composed goes out as one change, and is one step of undo', () => {
  const seed = seededDoc('Hello.')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)
  const type = (words: string) =>
    ada.write(() => {
      const text = $getRoot().getFirstDescendant() as TextNode
      text.setTextContent(`Hello.${words}`)
      text.selectEnd()
    })

  type('!')
  ada.text.composing(true)
  for (const words of ['!n', '!ni', '!nihao', '!你好']) type(words)
  expect(ben.content()).toBe('Hello.!')
  ada.text.composing(false)
  type('!你好.')

  expect(ada.sent).toHaveLength(3)
  expect(ben.content()).toBe('Hello.!你好.')
  for (const text of ['Hello.!你好', 'Hello.!', 'Hello.']) {
    ada.text.undo.undo()
    expect(ben.content()).toBe(text)
  }
  for (let n = 0; n < 3; n++) ada.text.undo.redo()
  expect(ben.content()).toBe('Hello.!你好.')
})

test('[U33] a composition that is cancelled sends nothing and is no step of undo', () => {
  const ada = openSide(seededDoc('Hello.'))
  const set = (words: string) =>
    ada.write(() => ($getRoot().getFirstDescendant() as TextNode).setTextContent(words))

  ada.text.composing(true)
  for (const words of ['Hello.n', 'Hello.ni', 'Hello.']) set(words)
  ada.text.composing(false)

  expect(ada.sent).toEqual([])
  expect(ada.text.undo.undoStack).toEqual([])
})
