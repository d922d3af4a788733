/** Stale-marks shows in the text which provisional words are of a suggestion that is out of date. */
import type * as Y from 'yjs'
import { noteOf, suggestionMap } from '#shared/document/shape.ts'

export interface StaleChunks {
  has(chunk: string): boolean
  /** Calls back when they may be others; until what it returns is called. */
  watch(onChange: () => void): () => void
}

/** Those that the server has noted as stale in the document. */
export function staleIn(doc: Y.Doc): StaleChunks {
  const suggestions = suggestionMap(doc)
  return {
    has: (chunk) => noteOf(doc, chunk)?.stale !== undefined,
    watch: (onChange) => {
      suggestions.observe(onChange)
      return () => suggestions.unobserve(onChange)
    },
  }
}

export function markStale(element: HTMLElement, isStale: boolean): void {
  element.toggleAttribute('data-stale', isStale)
  const said = element.getAttribute('aria-description')
  if (said === null || said.startsWith(OUT_OF_DATE) === isStale) return
  const words = isStale ? OUT_OF_DATE + said : said.slice(OUT_OF_DATE.length)
  element.setAttribute('aria-description', words)
}

const OUT_OF_DATE = 'out of date, '
