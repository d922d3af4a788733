/** An edit's whole path: the room's blocks, the translator, the pen, the lane, a decision. */

import { expect, test } from 'vitest'
import { findCommand } from '#server/ai/commands.ts'
import { prepare } from '#server/ai/prepare.ts'
import type { RunWriter } from '#server/rooms/run-writer.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'

test('[S22] a room’s edit reaches everybody, is decided in parts and read as it was decided', async () => {
  await using world = await World.open()
  const room = await world.room()
  const [ada, ben] = [await world.person('ada'), await world.person('ben')]
  ada.type('Wee go. Thay stay.')
  ada.paragraph('Old words.')
  await ada.synced()
  const events: string[] = []
  room.follow((more) => events.push(...more.map(({ type }) => type)))

  const proofread = await edit('proofread', 'b1.1: We go.\nb1.2: They stay.\n')
  const rewrite = await edit('edit', '@@ b2\n# New\n\nText.\n')

  expect(events.filter((type) => type === 'run.chunk')).toHaveLength(3)
  expect(await room.reading.content('text', 'without')).toBe('Wee go. Thay stay.\n\nOld words.\n')
  expect(await room.reading.content('markdown', 'accepted')).toBe(
    'We go. They stay.\n\n# New\n\nText.\n',
  )
  await eventually(() => expect(ben.text).toContain('New'))
  ada.decide(`${proofread}.1`, 'accepted')
  ben.decide(`${proofread}.2`, 'rejected')
  ben.decide(`${rewrite}.1`, 'accepted')

  const result = ['We go. Thay stay.', 'New', 'Text.'].join('\n')
  await eventually(() => expect([ada.text, ben.text]).toEqual([result, result]))
  expect(await room.reading.content('markdown', 'without')).toBe(
    'We go. Thay stay.\n\n# New\n\nText.\n',
  )

  async function edit(command: string, answer: string): Promise<string> {
    const run = await world.run()
    const { place, selection } = room.reading.locate({ document: true })!
    const { translator } = prepare({
      command: findCommand(command)!,
      instruction: 'better',
      blocks: room.reading.blocks('without'),
      selection,
      inLine: false,
      endpoint: { contextTokens: 32_000 },
      maxOutputTokens: 4_000,
    })
    const writer: RunWriter = await room.openRun(run, place, 'edit')
    for (const part of answer.match(/[\s\S]{1,5}/g) ?? []) {
      await writer.write(translator.push(part), 1)
    }
    await writer.write(translator.end(), 2)
    const usage = { input: 1, output: 2, estimated: true }
    await writer.end({ kind: 'finished', reason: 'stop', usage })
    return run.id
  }
})
