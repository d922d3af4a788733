/** Two instances settle one document: what both want to do at once, one of them does. */
import { expect, test } from 'vitest'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { DecisionConflict } from './decision-conflict.ts'

const ADA = { id: 'ada', name: 'ada' }
const BEN = { id: 'ben', name: 'ben' }
const usage = { input: 0, output: 1, estimated: true }

/** "Hello", with a chunk proposed behind it for each word; ada on one instance, ben on the other. */
async function proposed(world: World, words: readonly string[]) {
  const ada = await world.person('ada', { instance: 'one' })
  ada.type('Hello')
  await ada.synced()
  const ben = await world.person('ben', { instance: 'two' })
  const [one, two] = [await world.room('one'), await world.room('two')]
  const run = await world.run()
  const writer = await one.openRun(run, one.reading.locate({ at: ada.caret(5) })!.place, 'insert')
  for (const text of words) {
    await writer.write([{ kind: 'text', text, format: 0 }, { kind: 'chunk' }], 1)
  }
  await writer.end({ kind: 'finished', reason: 'stop', usage })
  await eventually(() => expect(ben.text).toBe(`Hello${words.join('')}`))
  return { ada, ben, one, two, suggestion: run.id }
}

test('[R85] of contrary decisions at one moment on two instances one wins, the other is told, and neither loses its room', async () => {
  await using world = await World.open()
  const { ada, ben, one, two, suggestion } = await proposed(world, [' a', ' b', ' c', ' d'])
  const decided: EventRow[] = []
  one.follow((more) => decided.push(...more.filter(({ type }) => type === 'suggestion.decided')))

  const answers = await Promise.allSettled(
    [1, 2, 3, 4].flatMap((n) => [
      one.decide({ suggestion, chunks: [n], decision: 'accept', by: ADA }),
      two.decide({ suggestion, chunks: [n], decision: 'reject', by: BEN }),
    ]),
  )

  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? answer.reason : []))
  expect(refused).toHaveLength(4)
  for (const reason of refused) expect(reason).toBeInstanceOf(DecisionConflict)
  expect([one.ended.aborted, two.ended.aborted]).toEqual([false, false])
  const kept = [' a', ' b', ' c', ' d'].filter((_, n) => answers[2 * n]?.status === 'fulfilled')
  const text = `Hello${kept.join('')}`
  await eventually(() => expect([ada.text, ben.text]).toEqual([text, text]))
  await eventually(() => expect(decided).toHaveLength(4))
})

test('[R86] what one has settled can be taken back after the other has written', async () => {
  await using world = await World.open()
  const { ada, ben, one, suggestion } = await proposed(world, [' dear'])
  ada.decide(`${suggestion}.1`, 'rejected')
  await eventually(() => expect([ada.text, ben.text]).toEqual(['Hello', 'Hello']))
  ben.type('!')
  await eventually(() => expect(ada.text).toBe('Hello!'))

  await one.decide({ suggestion, chunks: [1], decision: 'reopen', by: ADA })

  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello dear!')))
})
