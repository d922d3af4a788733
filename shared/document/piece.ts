/**
 * What a run writes, piece by piece: the language between the co-pilot, which makes pieces out of
 * a model's tokens, and provisional text, which makes Yjs items out of pieces. A piece is final:
 * nothing is ever taken back.
 */

/** A block to open after the present one. */
export type BlockSpec =
  | { type: 'paragraph' }
  | { type: 'heading'; level: 1 | 2 | 3 | 4 | 5 | 6 }
  | { type: 'quote' }
  | { type: 'listitem'; list: 'bullet' | 'number' | 'check'; checked?: boolean; depth: number }
  | { type: 'code'; language: string | null }
  | { type: 'divider' }

/** Items `client, clock..clock+length` of the document: characters, by identity. */
export interface ItemSpan {
  client: number
  clock: number
  length: number
}

export type Piece =
  /** Opens a block. The first one of a run that starts inside a line is that line itself. */
  | { kind: 'block'; block: BlockSpec }
  /** Characters for the open block; `format` is bits of FORMAT; `url` makes them a link. */
  | { kind: 'text'; text: string; format: number; url?: string }
  /** A line break inside the open block. */
  | { kind: 'break' }
  /** What was written since the last boundary may be decided: a sentence, or a whole block. */
  | { kind: 'chunk' }
  /**
   * An edit: strikes these characters as one chunk and stands behind them, so that the text up to
   * the next boundary is their replacement. Ends whatever chunk was under way.
   */
  | { kind: 'strike'; spans: ItemSpan[] }
  /** Moves the pen: what follows is inserted behind this character, in a chunk of its own. */
  | { kind: 'after'; client: number; clock: number }
