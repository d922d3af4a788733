/** Real Lexical editors, bound by V2, work as people do: the inspector must let all of it in. */
import { randomInt } from 'node:crypto'
import { $createCodeNode, CodeNode } from '@lexical/code'
import { createHeadlessEditor } from '@lexical/headless'
import { $createLinkNode, LinkNode } from '@lexical/link'
import {
  $createListItemNode,
  $createListNode,
  $isListItemNode,
  ListItemNode,
  ListNode,
} from '@lexical/list'
import { $createHeadingNode, $createQuoteNode, HeadingNode, QuoteNode } from '@lexical/rich-text'
import { $setBlocksType } from '@lexical/selection'
import {
  createBindingV2__EXPERIMENTAL,
  createUndoManager,
  type Provider,
  syncLexicalUpdateToYjsV2__EXPERIMENTAL,
  syncYjsChangesToLexicalV2__EXPERIMENTAL,
} from '@lexical/yjs'
import fc from 'fast-check'
import {
  $createLineBreakNode,
  $createParagraphNode,
  $createRangeSelection,
  $createTabNode,
  $createTextNode,
  $getRoot,
  $getSelection,
  $getState,
  $isElementNode,
  $isRangeSelection,
  $isTextNode,
  $setSelection,
  $setState,
  createState,
  type ElementNode,
  SKIP_COLLAB_TAG,
  type TextNode,
} from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { inspectApart } from '#server/testing/inspect-apart.ts'
import { decisionKey, decisionMap, seedEmpty } from '#shared/document/shape.ts'
import { Frontier } from './frontier.ts'
import { inspect } from './inspector.ts'

/** `INSPECTOR_UPDATES=20000` for the long form; the seed of a run is told, and can be given. */
const UPDATES = Number(process.env.INSPECTOR_UPDATES ?? 3_000)
const SEED = Number(process.env.INSPECTOR_SEED ?? randomInt(2 ** 31))

test('[I1] real editors are never refused, whatever they do, online or after a while offline', async ({
  annotate,
}) => {
  await annotate(`seed ${SEED}`)
  let updates = 0
  let runs = 0
  let refused: string[] = []

  while (updates < UPDATES) {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(10_000)), { minLength: 60, maxLength: 120 }),
        (steps) => {
          const room = new Room()
          const people = ['ada', 'bob', 'cyd'].map((name) => new Person(name, room))
          for (const [who, dice] of steps) (people[who] as Person).act(new Dice(dice))
          for (const person of people) person.connect()
          updates += room.inspected
          refused = room.refused

          expect(refused).toEqual([])
          expect(room.doc.store.pendingStructs).toBeNull()
          expect(room.doc.store.pendingDs).toBeNull()
        },
      ),
      { numRuns: 20, seed: SEED + runs++ },
    )
  }
  await annotate(`${updates} updates`)
}, 600_000)

/** Commits what the inspector lets in, in small groups as a real room does. */
class Room {
  readonly doc = new Y.Doc()
  readonly owners = new Map<number, string>()
  readonly frontier = new Frontier(this)
  readonly people = new Set<Person>()
  readonly refused: string[] = []
  inspected = 0
  #queue: { update: Uint8Array; user: string; newClients: number[] }[] = []

  constructor() {
    seedEmpty(this.doc)
    this.owners.set(this.doc.clientID, 'room')
  }

  receive(update: Uint8Array, user: string): void {
    this.inspected++
    const verdict = inspect(update, this.frontier, user)
    // Asked and told, as the thread for large updates is, it must come to the same.
    expect(inspectApart(update, this.frontier, user)).toEqual(verdict)
    if (!verdict.ok) {
      this.refused.push(`${user}: ${verdict.reason} ${Buffer.from(update).toString('hex')}`)
      return
    }
    this.frontier.admit(user, verdict)
    this.#queue.push({ update, user, newClients: verdict.newClients })
    if (this.#queue.length > 3) this.commit()
  }

  commit(): void {
    const queue = this.#queue
    this.#queue = []
    for (const { update, user, newClients } of queue) {
      for (const client of newClients) this.owners.set(client, user)
      Y.applyUpdate(this.doc, update)
    }
    this.frontier.forget()
    for (const { update, user } of queue) {
      for (const person of this.people) if (person.name !== user) person.hear(update)
    }
  }
}

class Dice {
  #state: number
  constructor(seed: number) {
    this.#state = seed + 1
  }
  roll(sides: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((this.#state / 2 ** 32) * sides)
  }
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.roll(list.length)]
  }
}

const flagState = createState('sg', {
  parse: (value) => (typeof value === 'string' ? value : null),
})

class Person {
  readonly name: string
  readonly doc = new Y.Doc()
  readonly #room: Room
  readonly #editor
  readonly #undo
  #online = false
  /** Lexical lost its way, as it does now and then after a merge: a page would reload. */
  broken = false

  constructor(name: string, room: Room) {
    this.name = name
    this.#room = room
    this.#editor = createHeadlessEditor({
      namespace: name,
      nodes: [HeadingNode, QuoteNode, ListNode, ListItemNode, LinkNode, CodeNode],
      onError: () => {
        this.broken = true
      },
    })
    const binding = createBindingV2__EXPERIMENTAL(
      this.#editor,
      'main',
      this.doc,
      new Map([['main', this.doc]]),
    )
    this.#editor.update(
      () => {
        for (const { klass } of this.#editor._nodes.values()) {
          if (klass.getType() !== 'root') $setState(new klass(), flagState, null)
        }
      },
      { discrete: true, tag: SKIP_COLLAB_TAG },
    )
    const root = binding.root
    const provider = headlessProvider()
    root.observeDeep((events, transaction) => {
      if (transaction.origin === binding) return
      syncYjsChangesToLexicalV2__EXPERIMENTAL(
        binding,
        provider,
        events as Parameters<typeof syncYjsChangesToLexicalV2__EXPERIMENTAL>[2],
        transaction,
        transaction.origin instanceof Y.UndoManager,
      )
    })
    this.#editor.registerUpdateListener((change) => {
      if (change.tags.has(SKIP_COLLAB_TAG)) return
      syncLexicalUpdateToYjsV2__EXPERIMENTAL(
        binding,
        provider,
        change.prevEditorState,
        change.editorState,
        change.dirtyElements,
        change.dirtyLeaves,
        change.normalizedNodes,
        change.tags,
      )
    })
    this.#undo = createUndoManager(binding, root)
    this.#undo.addToScope(decisionMap(this.doc))
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'room' && this.#online) room.receive(update, name)
    })
    this.connect()
  }

  connect(): void {
    if (this.#online) return
    this.#room.commit()
    Y.applyUpdate(
      this.doc,
      Y.encodeStateAsUpdate(this.#room.doc, Y.encodeStateVector(this.doc)),
      'room',
    )
    this.#flush()
    this.#online = true
    this.#room.people.add(this)
    this.#room.receive(
      Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(this.#room.doc)),
      this.name,
    )
  }

  reload(): Person {
    this.#online = false
    this.#room.people.delete(this)
    return new Person(this.name, this.#room)
  }

  hear(update: Uint8Array): void {
    if (!this.#online) return
    Y.applyUpdate(this.doc, update, 'room')
    this.#flush()
  }

  act(dice: Dice): void {
    const act = dice.roll(26)
    if (act === 0) this.#online = false
    else if (act === 1) this.connect()
    else if (act === 2) this.#undo.undo()
    else if (act === 3) this.#undo.redo()
    else if (act === 4) {
      const key = decisionKey(`run.${dice.roll(2)}`, this.name)
      const decision = dice.roll(2) ? ('accepted' as const) : ('rejected' as const)
      if (dice.roll(4)) decisionMap(this.doc).set(key, { decision, at: Date.now() })
      else decisionMap(this.doc).delete(key)
    } else {
      this.#editor.update(() => $act(act, dice), { discrete: true })
    }
    this.#flush()
  }

  #flush(): void {
    this.#editor.update(nothing, { discrete: true })
  }
}

const nothing = () => undefined

/** V2 asks for other people's carets after each remote change; without a page there are none. */
function headlessProvider(): Provider {
  return {
    awareness: {
      getLocalState: () => null,
      getStates: () => new Map(),
      on: nothing,
      off: nothing,
      setLocalState: nothing,
      setLocalStateField: nothing,
    },
    connect: nothing,
    disconnect: nothing,
    on: nothing,
    off: nothing,
  } as unknown as Provider
}

function $act(act: number, dice: Dice): void {
  const blocks = $getRoot().getChildren().filter($isElementNode)
  const block = dice.pick(blocks)
  if (!block) {
    $getRoot().append($createParagraphNode().append($createTextNode('again')))
    return
  }
  $place(block, dice)
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return
  switch (act) {
    case 5:
      selection.insertParagraph()
      return
    case 6:
      return selection.insertLineBreak()
    case 7:
      return selection.insertNodes([$createTabNode()])
    case 8:
      return selection.insertRawText('pasted\ttext\nof two lines')
    case 9:
      return selection.formatText(
        dice.pick([
          'bold',
          'italic',
          'code',
          'underline',
          'strikethrough',
          'highlight',
          'subscript',
        ] as const) ?? 'bold',
      )
    case 10:
      return $setBlocksType(selection, () =>
        $createHeadingNode(dice.pick(['h1', 'h2', 'h3', 'h6'] as const) ?? 'h1'),
      )
    case 11:
      return $setBlocksType(selection, () => $createQuoteNode())
    case 12:
      return $setBlocksType(selection, () => $createCodeNode(dice.roll(2) ? 'js' : undefined))
    case 13:
      return $setBlocksType(selection, () => $createParagraphNode())
    case 14: {
      const list = $createListNode(dice.pick(['bullet', 'number', 'check'] as const) ?? 'bullet')
      for (let n = 0; n <= dice.roll(3); n++) {
        list.append(
          $createListItemNode(dice.roll(2) ? undefined : dice.roll(2) === 0).append(
            $createTextNode(`item ${n}`),
          ),
        )
      }
      block.insertAfter(list)
      return
    }
    case 15: {
      const item = $items(block).at(-1)
      item?.setIndent(Math.min(4, item.getIndent() + 1))
      return
    }
    case 16:
      $items(block).at(0)?.toggleChecked()
      return
    case 17: {
      const link = $createLinkNode(
        dice.pick(['https://example.org/a?b=c', 'mailto:a@b.org', '#top', 'www.example.org']) ?? '',
        {
          rel: 'noopener',
          ...(dice.roll(2) ? { target: '_blank', title: 'A title' } : {}),
        },
      )
      selection.insertNodes([link.append($createTextNode('link'))])
      return
    }
    case 18:
      return block.remove()
    case 19: {
      const before = block.getPreviousSibling()
      if (
        $isElementNode(before) &&
        before.getType() === block.getType() &&
        before.getType() !== 'list'
      ) {
        before.append(...block.getChildren())
        block.remove()
      }
      return
    }
    case 20: {
      block.setFormat(dice.pick(['center', 'right', 'left', ''] as const) ?? '')
      block.setIndent(dice.roll(3))
      block.setDirection(dice.pick(['ltr', 'rtl', null] as const) ?? null)
      return
    }
    case 21: {
      const text = dice.pick(block.getAllTextNodes())
      if (text)
        $setState(text, flagState, $getState(text, flagState) ? null : `ins:run.${dice.roll(3)}`)
      return
    }
    case 22:
      return selection.removeText()
    case 23:
      block.append($createLineBreakNode())
      return
    default:
      return selection.insertText(
        dice.pick(['a', 'b', ' ', 'word ', 'ü', '漢', '👩‍👩‍👧', '\u202e', '\0']) ?? 'x',
      )
  }
}

const $items = (block: ElementNode): ListItemNode[] => block.getChildren().filter($isListItemNode)

function $place(block: ElementNode, dice: Dice): void {
  const text = dice.pick(block.getAllTextNodes()) as TextNode | undefined
  if (!text || !$isTextNode(text)) {
    block.selectEnd()
    return
  }
  const from = dice.roll(text.getTextContentSize() + 1)
  const to = dice.roll(3) === 0 ? dice.roll(text.getTextContentSize() + 1) : from
  const selection = $createRangeSelection()
  selection.anchor.set(text.getKey(), Math.min(from, to), 'text')
  selection.focus.set(text.getKey(), Math.max(from, to), 'text')
  $setSelection(selection)
}
