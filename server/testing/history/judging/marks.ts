/** Marks are what the account has of characters: each was written once, whatever ids it came to have. */
import type { Glyph } from './glyphs.ts'

/** A character that was written once. Copies that Enter or a joining make of it are the same one. */
export interface Mark {
  readonly character: string
  /** A person, `first` for the first content, or the id of a run's suggestion. */
  readonly writer: string
  readonly isRun: boolean
  /** Under which it has been seen. */
  readonly ids: Set<string>
  /** Who has taken it away and not brought it back. */
  readonly deleters: Set<string>
  /** Who has ever taken it away: redo may do so again. */
  readonly takers: Set<string>
  /** Others than its writer who have written it anew elsewhere. */
  readonly copiers: Set<string>
  /** From which id it was copied, and by whom. */
  readonly copies: { from: string; by: string }[]
  /** Chunks that have shown it as proposed, and as struck. */
  readonly proposedBy: Set<string>
  readonly struckBy: Set<string>
  /** The act before which it was written. */
  readonly born: number
  /** An undo may have brought it back against somebody's deletion. */
  isDoubtful: boolean
  /** A run's, and no page has shown it: the run may have taken it back before. */
  isUnseen: boolean
}

/** Two people have moved it at once, by breaks, joinings or changes of type: each made a copy. */
export function hasClashed({ copies }: Mark): boolean {
  return copies.some(({ from, by }) =>
    copies.some((other) => other.from === from && other.by !== by),
  )
}

/** Proposed text is copied with its flag; without one it is a person's, or was accepted. */
export function mayBeCopied(
  { isRun, writer, proposedBy, isUnseen }: Mark,
  { flag }: Glyph,
): boolean {
  if (flag?.startsWith('ins:')) return isRun && flag.startsWith(`ins:${writer}.`)
  return !isRun || (proposedBy.size === 0 && !isUnseen)
}

/** The id that its client gave so many characters later. */
export function beside(id: string, distance: number): string {
  const at = id.lastIndexOf('-')
  return `${id.slice(0, at)}-${Number(id.slice(at + 1)) + distance}`
}
