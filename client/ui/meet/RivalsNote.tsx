/** Below a chunk: which other suggestions are for the same words, and what accepting this one means. */
import { Split } from 'lucide-react'
import type { RivalView } from '#client/session/views.ts'

export function RivalsNote({ rivals }: { rivals: readonly RivalView[] }) {
  const [first] = rivals
  if (!first) return null
  const others = rivals.length > 1 ? ` and ${rivals.length - 1} more` : ''
  return (
    <span className="chunk-rivals">
      <Split size={12} aria-hidden />
      <span>
        For the same words: {first.title}, asked by {first.by}
        {others}. Accepting this sets {rivals.length > 1 ? 'those' : 'that'} aside.
      </span>
    </span>
  )
}
