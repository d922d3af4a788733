/** Search in the left panel: narrows the list of documents as one types. */
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { loadDocuments } from './documents.ts'
import { keys } from './shortcuts.ts'

const PAUSE_MS = 150

export function SidebarSearch() {
  const [query, setQuery] = useState<string | null>(null)
  useEffect(() => {
    if (query === null) return
    const timer = setTimeout(() => loadDocuments(query).catch(() => undefined), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [query])
  return (
    <label className="panel-search">
      <Search size={15} aria-hidden />
      <input
        type="search"
        aria-label="Search documents"
        placeholder="Search"
        value={query ?? ''}
        onChange={(event) => setQuery(event.target.value)}
      />
      <kbd>{keys('K')}</kbd>
    </label>
  )
}
