import { useEffect } from 'react'

/** The name of the tab. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Gloss' : `${title} · Gloss`
  }, [title])
}
