// @vitest-environment jsdom
import { $generateNodesFromDOM } from '@lexical/html'
import { $getRoot, $insertNodes, createEditor } from 'lexical'
import { expect, test } from 'vitest'
import { NODES } from './nodes.ts'
import { TABLE_IMPORT } from './paste-tables.ts'

test('[V41] a pasted table keeps its rows and its cells apart', () => {
  const editor = createEditor({
    nodes: [...NODES],
    html: { import: TABLE_IMPORT },
    onError: (error) => {
      throw error
    },
  })
  const html = `<table><thead><tr><th>Name</th><th>Age</th></tr></thead>
    <tbody><tr><td><p>Ada</p><p>L.</p></td><td><b>36</b></td></tr></tbody></table>`

  editor.update(
    () => {
      const dom = new DOMParser().parseFromString(html, 'text/html')
      $getRoot().select()
      $insertNodes($generateNodesFromDOM(editor, dom))
    },
    { discrete: true },
  )

  const lines = editor.read(() =>
    $getRoot()
      .getChildren()
      .map((block) => block.getTextContent().trim())
      .filter((line) => line !== ''),
  )
  expect(lines).toEqual(['Name | Age', 'Ada L. | 36'])
})
