/** Edits of documents that are larger than a model's window, window after window. */
import { expect, test } from 'vitest'
import { marked, Rewriting } from '#server/testing/rewriting.ts'
import type { Piece } from '#shared/document/piece.ts'
import { ModelError, type ModelRequest } from '../endpoint.ts'
import { estimateTokens } from '../tokens.ts'

const WORDS = 'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu'.split(' ')
const lines = Array.from({ length: 200 }, (_, n) => {
  const sentence = `${WORDS.map((word, k) => WORDS[(n + k) % WORDS.length] ?? word).join(' ')}.`
  return `Paragraph ${n} says ${Array(2).fill(sentence).join(' ')}`
})
const some = lines.slice(0, 40)
const pieces = (of: readonly string[]): Piece[] =>
  of.flatMap((text): Piece[] => [
    { kind: 'block', block: { type: 'paragraph' } },
    { kind: 'text', text, format: 0 },
  ])
const translated = (line: string) => line.replace('Paragraph', 'Absatz').replace('says', 'sagt')

function* translate(request: ModelRequest): Generator<string> {
  for (const { address, line } of marked(request)) yield `@@ ${address}\n${translated(line)}\n`
}

const tokensOf = ({ messages, maxOutputTokens }: ModelRequest): number =>
  maxOutputTokens + messages.reduce((sum, { content }) => sum + estimateTokens(content), 0)

const translating = (of = lines, contextTokens = 8_192) =>
  new Rewriting(pieces(of), { command: 'translate', instruction: 'German', contextTokens })

test('[P15] case 30.9: a document of 200 paragraphs is translated window after window', async () => {
  const edit = translating()

  await edit.run(translate)

  expect(edit.requests.length).toBeGreaterThan(2)
  expect(edit.requests.map(tokensOf).filter((tokens) => tokens > 8_192)).toEqual([])
  expect(edit.lines()).toEqual(lines)
  expect(edit.lines('accepted')).toEqual(lines.map(translated))
  expect(edit.progress).toMatchObject({ done: 200, of: 200, missed: 0 })
})

test('[P16] case 30.9: a run that goes on asks for what is left, whatever was decided meanwhile', async () => {
  for (const decision of ['accepted', 'rejected', undefined] as const) {
    const edit = translating(some, 2_048)
    const breaking = function* (request: ModelRequest) {
      for (const { address, line } of marked(request)) {
        yield `@@ ${address}\n`
        if (address === 'b20') {
          yield translated(line).slice(0, 40)
          throw new ModelError('auth', 'the key has gone')
        }
        yield `${translated(line)}\n`
      }
    }
    await expect(edit.run(breaking)).rejects.toThrow()
    expect(edit.progress).toMatchObject({ done: 19, of: 40 })
    if (decision) edit.decide(decision)
    const asked = edit.requests.length

    await edit.run(translate)

    const again = edit.requests.slice(asked).flatMap((request) => marked(request))
    expect(again.map(({ line }) => line)).not.toContain(some[18])
    expect(edit.progress).toMatchObject({ done: 40, of: 40, missed: 0 })
    const kept = decision === 'rejected' ? 19 : 0
    expect(edit.lines('accepted')).toEqual(
      some.map((line, n) => (n < kept ? line : translated(line))),
    )
    edit.decide('rejected')
    if (decision !== 'accepted') expect(edit.lines()).toEqual(some)
  }
})

test('[P16] case 30.9: no block counts as done before its last sentence is', async () => {
  const two = some.map((_, n) => `Line ${n} says one thing. And it says another one.`)
  const edit = new Rewriting(pieces(two), { command: 'shorten' })
  const counts: [done: number, answered: number][] = []
  let answered = 0
  const bySentence = function* (request: ModelRequest) {
    for (const { address, line } of marked(request)) {
      for (const part of `${address}: ${line.replace('says', 'sagt')}\n`.match(/.{1,9}|\n/g) ??
        []) {
        yield part
        counts.push([edit.progress?.done ?? 0, answered])
      }
      if (address.endsWith('.2')) answered++
    }
  }

  await edit.run(bySentence)

  expect(counts.length).toBeGreaterThan(300)
  expect(counts.filter(([done, all]) => done > all)).toEqual([])
  expect(edit.progress).toMatchObject({ done: 40, of: 40 })
})

test('[P17] case 30.9: what no answer came for is counted, and the rest is done', async () => {
  const edit = translating(lines.slice(0, 30))
  const forgetful = function* (request: ModelRequest) {
    for (const { address, line } of marked(request)) {
      if (address !== 'b7') yield `@@ ${address}\n${translated(line)}\n`
    }
  }

  await edit.run(forgetful)

  expect(edit.progress).toMatchObject({ done: 29, of: 30, missed: 1 })
  expect(edit.lines('accepted')).toEqual(
    lines.slice(0, 30).map((line, n) => (n === 6 ? line : translated(line))),
  )
})

test('[P18] case 30.9: a paragraph that is larger than the window is asked for by its sentences', async () => {
  const long = Array.from({ length: 120 }, (_, n) => `Sentence ${n} says alpha beta gamma.`)
  const edit = translating([lines[0]!, long.join(' '), lines[1]!], 2_048)
  const bySentence = function* (request: ModelRequest) {
    for (const { address, line } of marked(request)) {
      if (address.includes('.')) yield `${address}: ${line.replace('says', 'sagt')}\n`
      else yield `@@ ${address}\n${translated(line)}\n`
    }
  }

  await edit.run(bySentence)

  expect(edit.requests.map(tokensOf).filter((tokens) => tokens > 2_048)).toEqual([])
  expect(edit.lines('accepted')).toEqual([
    translated(lines[0]!),
    long.map((line) => line.replace('says', 'sagt')).join(' '),
    translated(lines[1]!),
  ])
  edit.decide('rejected')
  expect(edit.lines()).toEqual([lines[0], long.join(' '), lines[1]])
})
