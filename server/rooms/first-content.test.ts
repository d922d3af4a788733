import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { exportBlocks } from '#shared/document/export.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { firstContent } from './first-content.ts'

function read(update: Uint8Array) {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc
}

test('[R76] a new document has one empty paragraph, by one client', () => {
  const { update, client } = firstContent([])

  const doc = read(update)
  expect(readBlocks(doc, 'inline')).toMatchObject([{ type: 'paragraph', inlines: [] }])
  expect([...doc.store.clients.keys()]).toEqual([client])
})

test('[R77] content made of pieces is plain, decided and by one client', () => {
  const { update, client } = firstContent([
    { kind: 'block', block: { type: 'heading', level: 2 } },
    { kind: 'text', text: 'Plan', format: 0 },
    { kind: 'chunk' },
    { kind: 'block', block: { type: 'paragraph' } },
    { kind: 'text', text: 'Be ', format: 0 },
    { kind: 'text', text: 'bold', format: 1 },
    { kind: 'chunk' },
  ])

  const doc = read(update)
  const blocks = readBlocks(doc, 'inline')
  expect(exportBlocks(blocks, 'markdown')).toBe('## Plan\n\nBe **bold**\n')
  expect(JSON.stringify(blocks)).not.toContain('flag')
  expect(exportBlocks(readBlocks(doc, 'without'), 'markdown')).toBe('## Plan\n\nBe **bold**\n')
  expect([...doc.store.clients.keys()]).toEqual([client])
})
