import { createHeadlessEditor } from '@lexical/headless'
import fc from 'fast-check'
import { $createParagraphNode, $createTextNode, $getRoot, PASTE_COMMAND } from 'lexical'
import { expect, test, vi } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { LARGE, parts, registerLargePaste } from './large-paste.ts'
import { NODES } from './nodes.ts'

test('[V36] a large paste loses nothing, and no part of it is too large to send', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.nat(180_000).map((length) => 'word and '.repeat(length / 9)),
    fc.nat(120_000).map((length) => 'x'.repeat(length)),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const text = lines.map((one) => one.replaceAll(/[\r\n]/g, ' ')).join('\n')
      const all = parts(text)
      expect(all.flat().join('')).toBe(text.replaceAll('\n', ''))
      for (const part of all) {
        for (const paragraph of part) expect(paragraph.length).toBeLessThanOrEqual(50_000)
        expect(part.join('').length).toBeLessThanOrEqual(100_000)
      }
    }),
    { numRuns: 40 },
  )
})

/** Pastes into a document of one paragraph that has so many bytes left. */
function paste(text: string, left: number) {
  const editor = createHeadlessEditor({ nodes: [...NODES] })
  const refuse = vi.fn()
  registerLargePaste(editor, { left: () => left, refuse })
  editor.update(
    () => {
      const words = $createTextNode('before')
      $getRoot().append($createParagraphNode().append(words))
      words.select(0, 6)
    },
    { discrete: true },
  )
  const clipboardData = { getData: () => text }
  const event = { clipboardData, preventDefault: vi.fn() } as unknown as ClipboardEvent
  editor.dispatchCommand(PASTE_COMMAND, event)
  const content = () => editor.getEditorState().read(() => $getRoot().getTextContent())
  return { refuse, content }
}

test('[Y19] what a document cannot hold is refused at once, and nothing of it is typed', async () => {
  const text = 'é line of words\n'.repeat(LARGE / 10)
  const bytes = new TextEncoder().encode(text).length

  const refused = paste(text, bytes)
  expect(refused.refuse).toHaveBeenCalledTimes(1)
  expect(refused.content()).toBe('before')

  const taken = paste(text, 4 * bytes)
  expect(taken.refuse).not.toHaveBeenCalled()
  await eventually(() => expect(taken.content().length).toBeGreaterThan(text.length - 10))
})
