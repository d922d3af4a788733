/**
 * Traps in which a compaction is caught at one chosen statement, set in the database past the
 * product: it knows nothing of them, and what is killed there is a compaction as any other. Each
 * says what must be on the disk when the process is killed in it.
 */
import type { TrueDocument } from './truth.ts'

export interface Trap {
  /** What has begun and not ended, in words. */
  step: string
  /** What a kill leaves: the new snapshot or not, the needless rows or not. */
  leaves: { snapshot: boolean; rows: boolean }
  /** `before` is the document as it is now; nobody writes to it meanwhile. */
  set(before: TrueDocument): Promise<void>
  /** Resolves when a compaction is in the trap; throws where none comes. */
  caught(): Promise<void>
  /** The process is dead: what of its work is the database's own comes to its end. */
  end(): Promise<void>
  /** The process is there again. */
  remove(): Promise<void>
}

export interface Traps extends AsyncDisposable {
  readonly all: readonly Trap[]
  /** Makes all rows so old that two newer snapshots make them needless. */
  age(): Promise<void>
}

export const PATIENCE_MS = 30_000
/** Longer than rows are kept. */
export const AGE_MS = 3 * 24 * 3600 * 1000

export const newestOf = ({ snapshots }: TrueDocument): number => snapshots.at(-1) ?? 0
