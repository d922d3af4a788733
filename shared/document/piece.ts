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

/** A part of a block's text, as it was when somebody read it. */
export interface OriginalText {
  /** In the order of `text`; a span without length is a line break. */
  spans: ItemSpan[]
  text: string
  /** The block's id, where this is all of it. */
  whole?: string
  /** The characters around; `edge` where the block ends, absent where a line break stands. */
  before?: { client: number; clock: number } | 'edge'
  behind?: { client: number; clock: number } | 'edge'
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
   * An edit: strikes these characters and stands behind them, so that the text up to the next
   * boundary is their replacement. Ends whatever chunk was under way and starts one of its own;
   * with `same` it goes on in the chunk under way instead (a sentence of which several separate
   * words are replaced is one chunk with several strikes).
   * With `block` (a `Block.id`) the whole block is struck: its line breaks too, and the block
   * itself goes when the strike is accepted and nothing but struck items is left in it. A `block`
   * piece that follows opens a block behind it.
   */
  | { kind: 'strike'; spans: ItemSpan[]; same?: true; block?: string }
  /**
   * What the edits that follow were made for: characters of one block, in order, as they were sent
   * to the model. Where the text is not the same any more, the edit strikes nothing and its text is
   * stale.
   */
  | ({ kind: 'original' } & OriginalText)
  /**
   * Moves the pen: what follows is inserted behind this character, in a chunk of its own; with
   * `same`, in the chunk under way.
   */
  | { kind: 'after'; client: number; clock: number; same?: true }
  /** The same in front of this character: for the beginning of a line or of a link. */
  | { kind: 'before'; client: number; clock: number; same?: true }
  /** Takes the chunk under way back: what it struck stands again, and what it wrote goes. */
  | { kind: 'drop' }
