/** Models that name a wrong address, or one where none belongs, in the forms that they like. */
import { expect, test } from 'vitest'
import { edited } from '#server/testing/edited.ts'
import { Random } from '#server/testing/random.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const LONG =
  'The meeting, which was held on Monday, was attended by everybody who had been invited.'
const SHORT = 'Everybody invited came to the meeting on Monday.'
const NUMBERED = /\bb\d+(?:\.\d+)?\b|@@/

/** One text behind an address, or behind two. */
const FORMS: ((address: string, block: string) => string)[] = [
  (address) => `${address}: ${SHORT}`,
  (address) => `**${address}**: ${SHORT}`,
  (address) => `[${address}] ${SHORT}`,
  (address) => `- (${address}) ${SHORT}`,
  (address) => `Sure!\n${address}: ${SHORT}\n`,
  (_, block) => `@@ ${block}\n${SHORT}\n`,
  (_, block) => `@@ ${block}: ${SHORT}`,
  (address, block) => `@@ ${block}\n${address}: ${SHORT}\n`,
  (address) => `${address}: ${address}: ${SHORT}`,
  (address) => `${address}: [${address}]: ${SHORT}`,
]

test('[P32] whatever address it names, an answer for the one marked block goes there', () => {
  const random = new Random(SEED)
  for (const form of FORMS) {
    for (const command of ['shorten', 'rewrite']) {
      const block = `b${random.pick([1, 2, 7, 12, 300])}`
      const answer = form(`${block}.${random.pick([1, 1, 4])}`, block)
      const size = random.pick([1, 3, 1_000])
      const { accepted, rejected } = edited(`${LONG}\n`, { command, answer, size })
      expect({ answer, accepted, rejected }).toEqual({
        answer,
        accepted: `${SHORT}\n`,
        rejected: `${LONG}\n`,
      })
    }
  }
})

test('[P32] no address reaches the document, where the block’s own stands within its text', () => {
  const text = 'Alpha is one thing. Beta is another one.\n'
  for (const answer of [
    'b1.1: Alpha is short. b1.2: Beta is shorter.',
    'b1.1: Alpha is short. [b1.2]: Beta is shorter.',
    '@@ b1\nb1.1: Alpha is short. b1.2: Beta is shorter.\n',
    'b5.1: Alpha is short.\nb5.2: Beta is shorter.',
    'b1.1: Alpha is short.\nb1.2 Beta is shorter.',
    'b1.1: b1.1: Alpha is short.\n\nb1.2: b1.2: Beta is shorter.',
    '@@ b1\nb1: Alpha is short. Beta is shorter.\n',
  ]) {
    for (const size of [1, 4, 1_000]) {
      const { accepted, rejected } = edited(text, { command: 'rewrite', answer, size })
      expect(rejected).toBe(text)
      expect({ answer, size, accepted }).toEqual({
        answer,
        size,
        accepted: expect.not.stringMatching(NUMBERED),
      })
      expect(accepted).toContain('Beta is shorter.')
    }
  }
})

test('[P32] an answer that names another block goes where its words belong, or nowhere', () => {
  const other = 'Nobody has seen the old harbour since the storm.'
  const text = `${other}\n\n${LONG}\n\nThe end.\n`
  const ask = { command: 'shorten', first: 1, last: 1 }
  const short = `${other}\n\n${SHORT}\n\nThe end.\n`
  for (const [answer, result] of [
    [`b1.1: ${SHORT}`, short],
    [`@@ b3\n${SHORT}`, short],
    [`b9.1: ${SHORT}`, short],
    ['b1.1: Nobody saw the harbour since the storm.', text],
    ['@@ b1\nDas Treffen war am Montag.', text],
    [`b1.1: Nobody saw the harbour.\nb2.1: ${SHORT}`, short],
  ] as const) {
    const { accepted, rejected } = edited(text, { ...ask, answer })
    expect({ answer, accepted, rejected }).toEqual({ answer, accepted: result, rejected: text })
  }
})

test('[P32] what looks like an address stays where it is the text', () => {
  const text = 'Bolt b12 holds; see b1.2: the drawing. Use b12: it fits.\n'
  const answer = 'Bolt b12 holds; see b1.2: the new drawing. Use b12: it fits.'
  for (const size of [1, 5, 1_000]) {
    expect(edited(text, { command: 'rewrite', answer: `@@ b1\n${answer}`, size }).accepted).toBe(
      `${answer}\n`,
    )
    expect(edited(text, { command: 'rewrite', answer, size }).accepted).toBe(`${answer}\n`)
  }
})
