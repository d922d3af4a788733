import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { textOf } from '#server/testing/person.ts'
import { Drafts } from './drafts.ts'

/** Formats that begin in every word: reading 40,000 of them takes more than a minute. */
const intricate = '**a'.repeat(40_000)

function read({ update }: { update: Uint8Array }): string {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return textOf(doc)
}

test('[H158] a large text is read in like a small one, while the server goes on', async () => {
  const drafts = new Drafts()
  const paragraphs = Array.from({ length: 1_000 }, (_, n) => `Paragraph **${n}**.`)
  const text = paragraphs.join('\n\n')
  let turns = 0
  const ticking = setInterval(() => turns++, 5)

  const large = read(await drafts.of(text))

  clearInterval(ticking)
  expect(large.split('\n')).toEqual(paragraphs.map((it) => it.replaceAll('*', '')))
  expect(turns).toBeGreaterThan(5)
  expect(read(await drafts.of('One.\n\nTwo.'))).toBe('One.\nTwo.')
  await drafts.close()
})

test('[H159] a text that takes too long to read is refused, and the next one is read (B88)', async () => {
  const drafts = new Drafts({ limitMs: 3_000 })
  const refused = await Promise.allSettled([drafts.of(intricate), drafts.of(intricate)])
  for (const it of refused) expect(it).toMatchObject({ reason: { code: 'too-large' } })
  // Where a thread is slow to start, the little time may be over as well.
  const next = await eventually(() => drafts.of('word '.repeat(1_000)))
  expect(read(next)).toContain('word word')
  await drafts.close()
})

test('[H160] of many large texts at once so many wait, and one more is told to come back', async () => {
  const drafts = new Drafts()
  const all = Array.from({ length: 19 }, () => drafts.of(intricate).catch((error) => error))
  expect(await all.at(-1)).toMatchObject({ code: 'too-many' })
  await eventually(() => drafts.close())
  for (const one of all.slice(0, 18)) expect(await one).toMatchObject({ code: 'stopping' })
})
