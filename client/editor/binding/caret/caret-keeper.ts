/** CaretKeeper leaves a person's caret where it is while others change the text around it. */
import type { BindingV2 } from '@lexical/yjs'
import {
  $createRangeSelection,
  $getRoot,
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  $isTextNode,
  $setSelection,
  type LexicalNode,
  type PointType,
  type RangeSelection,
} from 'lexical'
import * as Y from 'yjs'
import type { Moves } from '#shared/document/moves.ts'
import { isLiving, type SharedType } from '../mapping.ts'
import type { PageSelection } from './page-selection.ts'
import {
  $placeOf,
  $setPoint,
  type FollowMove,
  findGap,
  findNear,
  findPlace,
  type Place,
} from './places.ts'

interface Places {
  anchor: Place | undefined
  focus: Place | undefined
}

export class CaretKeeper {
  readonly #binding: BindingV2
  readonly #moves: Moves
  readonly #follow: FollowMove
  readonly #page: PageSelection
  #places: Places | undefined
  /** Of each client what was there when the places were noted. */
  #before: ReadonlyMap<number, number> | undefined
  /**
   * Where the caret was put because its place was gone. What was deleted may come back with the
   * next change, as when the room writes late words where their line went: until the person moves
   * the caret, the earlier place is still the one that is meant.
   */
  #astray: { places: Places; at: string } | undefined

  constructor(binding: BindingV2, moves: Moves, page: PageSelection) {
    this.#binding = binding
    this.#moves = moves
    this.#follow = (id) => moves.follow(binding.doc, id)
    this.#page = page
  }

  /** To be called before the document changes; `state` tells of each client what is there by now. */
  note(state?: ReadonlyMap<number, number>): void {
    const { editor } = this.#binding
    const read = () => {
      const unheard = this.#page.$unheard()
      const selection = unheard ?? $getSelection()
      if (!$isRangeSelection(selection)) return undefined
      if (!unheard && this.#astray?.at === standing(selection)) return this.#astray.places
      this.#astray = undefined
      this.#before = state
      const end = selection.isCollapsed()
        ? undefined
        : selection.isBackward()
          ? selection.anchor
          : selection.focus
      const place = (point: PointType) =>
        $placeOf(this.#binding, point, point === end ? 'left' : 'right')
      return { anchor: place(selection.anchor), focus: place(selection.focus) }
    }
    this.#places = editor.getEditorState().read(read, { editor })
  }

  /** To be called in the update that shows the change, at its end. */
  $restore(): void {
    const places = this.#places
    if (!places) return
    const present = $getSelection()
    const selection = $isRangeSelection(present) ? present : $createRangeSelection()
    $setSelection(selection)
    const found = [
      this.#$put(selection.anchor, places.anchor),
      this.#$put(selection.focus, places.focus),
    ]
    this.#astray = found.every(Boolean) ? undefined : { places, at: standing(selection) }
  }

  /** False where the place is gone, and the point stands as near as can be. */
  #$put(point: PointType, place: Place | undefined): boolean {
    const binding = this.#binding
    const { doc } = binding
    const position = place && findPlace(doc, place, this.#follow)
    if (position && $setPoint(binding, point, position)) return true
    const gap = place && findGap(doc, place)
    if (gap && $setPoint(binding, point, gap)) return !place?.left && !place?.right
    const isLate = (id: Y.ID) => this.#isNew(id) && !this.#moves.isTarget(id)
    const near = place && findNear(doc, place, this.#follow, isLate)
    if (near && $setPoint(binding, point, near)) return false
    if (place && this.#$putBeside(point, place.type)) return false
    if (!point.getNode().isAttached()) point.set('root', 0, 'element', true)
    return !place
  }

  /** To the end of what stands in front of something that is gone, else to the start of what follows. */
  #$putBeside(point: PointType, gone: SharedType): boolean {
    for (let type: unknown = gone; type instanceof Y.XmlElement || type instanceof Y.XmlText; ) {
      const { parent, _item: item } = type
      if (parent instanceof Y.XmlElement && isLiving(parent)) {
        const instead = this.#nodeInsteadOf(item)
        if (instead) return $setAtEdge(point, instead, 'end')
        const before = this.#nodeBeside(item, 'left')
        if (before) return $setAtEdge(point, before, 'end')
        const behind = this.#nodeBeside(item, 'right')
        if (behind) return $setAtEdge(point, behind, 'start')
        return $setPoint(this.#binding, point, { type: parent, index: 0 })
      }
      type = parent
    }
    return false
  }

  /** What the change has put behind something that it took away: an empty line that became a heading. */
  #nodeInsteadOf(gone: Y.Item | null): LexicalNode | undefined {
    let item = gone?.right
    while (item?.deleted) item = item.right
    return item && this.#isNew(item.id) ? this.#nodeBeside(gone, 'right') : undefined
  }

  /** Whether it has come since the places were noted. */
  #isNew({ client, clock }: Y.ID): boolean {
    return this.#before !== undefined && clock >= (this.#before.get(client) ?? 0)
  }

  #nodeBeside(from: Y.Item | null, side: 'left' | 'right'): LexicalNode | undefined {
    for (let item = from?.[side]; item; item = item[side]) {
      if (item.deleted || !(item.content instanceof Y.ContentType)) continue
      const bound = this.#binding.mapping.get(item.content.type as Y.XmlElement)
      const node = Array.isArray(bound) ? bound.at(side === 'left' ? -1 : 0) : bound
      if (node?.isAttached()) return node
    }
    return undefined
  }
}

function $setAtEdge(point: PointType, node: LexicalNode, edge: 'start' | 'end'): boolean {
  const inner = $isElementNode(node)
    ? edge === 'end'
      ? node.getLastDescendant()
      : node.getFirstDescendant()
    : undefined
  const leaf = inner ?? node
  const isEnd = edge === 'end'
  if ($isTextNode(leaf)) {
    point.set(leaf.__key, isEnd ? leaf.getTextContentSize() : 0, 'text', true)
  } else if ($isElementNode(leaf)) {
    point.set(leaf.__key, isEnd ? leaf.getChildrenSize() : 0, 'element', true)
  } else {
    const parent = leaf.getParent() ?? $getRoot()
    point.set(parent.__key, leaf.getIndexWithinParent() + (isEnd ? 1 : 0), 'element', true)
  }
  return true
}

const standing = ({ anchor, focus }: RangeSelection): string =>
  [anchor.key, anchor.offset, focus.key, focus.offset].join()
