/** Handle describes what the page may ask of the editor without knowing what the editor is made of. */
import type { Store } from '#client/session/store.ts'
import type { Target } from '#shared/protocol/api.ts'

export type TextFormat = 'bold' | 'italic' | 'underline' | 'strikethrough' | 'code'
export type BlockType =
  | 'paragraph'
  | 'h1'
  | 'h2'
  | 'h3'
  | 'bullet'
  | 'number'
  | 'check'
  | 'quote'
  | 'code'

export interface ToolbarState {
  block: BlockType
  formats: ReadonlySet<TextFormat>
  link: string | null
  canUndo: boolean
  canRedo: boolean
}

/** Viewport coordinates in CSS pixels. */
export interface Box {
  top: number
  left: number
  width: number
  height: number
}

export interface SelectionState {
  /** `none`: the text has no focus and had none. */
  kind: 'none' | 'caret' | 'range'
  /** Of a range alone: sentences touched, its text, and where it is on screen. */
  sentences: number
  text: string
  box: Box | null
  /** The caret stands in an empty block. */
  emptyBlock: boolean
}

/** An open slash menu: what was typed behind the slash, and where it stands. */
export interface SlashState {
  query: string
  box: Box
}

export interface OutlineEntry {
  key: string
  level: 1 | 2 | 3
  text: string
}

/** Where a chunk stands: pixels from the top of the editor's surface. */
export interface ChunkBox {
  id: string
  top: number
  height: number
}

export interface EditorHandle {
  readonly toolbar: Store<ToolbarState>
  readonly selection: Store<SelectionState>
  readonly slash: Store<SlashState | null>
  readonly outline: Store<readonly OutlineEntry[]>
  readonly chunks: Store<readonly ChunkBox[]>
  /** The chunk under the pointer, or focused in the text. */
  readonly activeChunk: Store<string | null>
  readonly words: Store<number>
  readonly empty: Store<boolean>

  focus(): void
  /** As `focus`, with the caret at the end of what is selected: a key must not replace that. */
  focusBehind(): void
  format(format: TextFormat): void
  setBlock(type: BlockType): void
  insertDivider(): void
  /** Null takes the link away. False where the address may not be one. */
  setLink(url: string | null): boolean
  undo(): void
  redo(): void
  /** Takes the slash and what follows away, and closes the menu. */
  closeSlash(remove: boolean): void
  /** The selection, or the caret, or the document, as the contract names it. */
  target(): { target: Target; basis: string }
  /** Lights a chunk up in the text; null puts the light out. */
  showChunk(chunk: string | null): void
  /** Scrolls to a chunk. */
  revealChunk(chunk: string): void
  reveal(outlineKey: string): void
  /** What the person wanted to put into the text and could not, each as another object. */
  readonly refusals: Store<{ why: string } | null>
  /** From now on `targetTops` tells of these, each by a name of the caller's. */
  watchTargets(targets: ReadonlyMap<string, Target>): void
  /** Pixels from the top of the editor's surface to where each target is now. */
  readonly targetTops: Store<ReadonlyMap<string, number>>
  /** Goes along with somebody's caret until one acts oneself; null stops. */
  follow(client: number | null): void
  /** The awareness client that is followed. */
  readonly following: Store<number | null>
}
