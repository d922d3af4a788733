/**
 * A plain Lexical page: rich text, lists and links as Lexical brings them, of the version and in the
 * looks of Gloss, for one person. It is the ceiling of what a page on Lexical can reach.
 */
import '@fontsource-variable/source-serif-4/index.css'
import '#client/ui/styles/tokens.css'
import '#client/ui/styles/base.css'
import '#client/ui/styles/page.css'
import '#client/ui/styles/editor.css'
import { registerList } from '@lexical/list'
import { registerRichText } from '@lexical/rich-text'
import { createEditor } from 'lexical'
import { NODES, THEME } from '#client/editor/nodes.ts'

const root = document.getElementById('text')
if (!root) throw new Error('the page has no text')
const editor = createEditor({
  namespace: 'plain',
  nodes: [...NODES],
  theme: THEME,
  onError: (error) => {
    throw error
  },
})
editor.setRootElement(root)
registerRichText(editor)
registerList(editor)
const answer = await fetch('/text.json')
editor.setEditorState(editor.parseEditorState(await answer.text()))
root.contentEditable = 'true'
root.role = 'textbox'
root.ariaLabel = 'Document text'
