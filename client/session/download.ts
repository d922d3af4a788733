/** Gives the person a document as a file, from this tab alone. */
import type * as Y from 'yjs'
import { exportBlocks } from '#shared/document/export.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'

/** As markdown, with what is provisional. */
export function downloadDocument(doc: Y.Doc, title: string): void {
  const text = exportBlocks(readBlocks(doc, 'inline'), 'markdown', { title })
  const link = document.createElement('a')
  const url = URL.createObjectURL(new Blob([text], { type: 'text/markdown;charset=utf-8' }))
  link.href = url
  link.download = `${title.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'document'}.md`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
