import { createHeadlessEditor } from '@lexical/headless'
import { $createHeadingNode, $isHeadingNode } from '@lexical/rich-text'
import {
  $createParagraphNode,
  $createTextNode,
  $getRoot,
  type ElementNode,
  type LexicalNode,
  ParagraphNode,
} from 'lexical'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Random } from '#server/testing/random.ts'
import { NODES } from './nodes.ts'
import { countWords, watchOverview } from './overview.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const WORDS = ['one', 'two words', 'and, three more', '', '—']

function $block(random: Random): ElementNode {
  const block = random.chance(0.3) ? $createHeadingNode('h2') : $createParagraphNode()
  const words = random.pick(WORDS)
  return words === '' ? block : block.append($createTextNode(words))
}

/** A change of blocks or of what stands in one: as people, Enter, undo and others make them. */
function $change(random: Random): void {
  const root = $getRoot()
  const blocks = root.getChildren()
  const at = random.below(blocks.length)
  const block = blocks[at] as ElementNode
  const actions: (() => void)[] = [
    () => block.insertAfter($block(random)),
    () => void (blocks.length > 1 && block.remove()),
    () => block.append($createTextNode(random.pick(WORDS))),
    () => void block.getLastChild()?.remove(),
    () => void block.replace($block(random)),
    () => root.append(block),
    () => void block.clear(),
  ]
  random.pick(actions)()
}

test.each([
  1, 2, 3, 4, 5, 6, 7, 8,
])('[Y5] the overview that is kept is the one that is read (seed %i)', (seed) => {
  const random = new Random(seed)
  const editor = createHeadlessEditor({ nodes: [...NODES] })
  editor.update(() => void $getRoot().append($block(random), $block(random), $block(random)), {
    discrete: true,
  })
  const overview = watchOverview(editor)

  for (let round = 0; round < 40; round++) {
    for (let n = random.below(3); n >= 0; n--) {
      editor.update(() => $change(random), { discrete: true })
    }
    vi.runAllTimers()
    editor.read(() => {
      expect(overview.words.get()).toBe(countWords($getRoot().getTextContent()))
      const headings = $getRoot()
        .getChildren()
        .filter((block: LexicalNode) => $isHeadingNode(block))
        .map((block) => block.getTextContent())
        .filter((text) => text !== '')
      expect(overview.outline.get().map(({ text }) => text)).toEqual(headings)
    })
  }
})

test('[Y7] a key costs the overview the block that it changed, however long the text is', () => {
  const editor = createHeadlessEditor({ nodes: [...NODES] })
  editor.update(
    () => {
      for (let n = 0; n < 500; n++) {
        $getRoot().append($createParagraphNode().append($createTextNode(`block ${n}`)))
      }
    },
    { discrete: true },
  )
  const overview = watchOverview(editor)

  editor.update(() => void $getRoot().getAllTextNodes()[250]?.setTextContent('some more words'), {
    discrete: true,
  })
  // Lexical itself has read the whole text by now, where it has no page.
  const read = vi.spyOn(ParagraphNode.prototype, 'getTextContent')
  vi.runAllTimers()

  expect(overview.words.get()).toBe(1001)
  expect(read).toHaveBeenCalledTimes(1)
})
