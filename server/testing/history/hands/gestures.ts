/** Gestures are done in a headless editor by the commands that keys and buttons give on a page. */
import { $getLexicalContent, $insertDataTransferForRichText } from '@lexical/clipboard'
import {
  $getSelection,
  $isRangeSelection,
  CONTROLLED_TEXT_INSERTION_COMMAND,
  DELETE_CHARACTER_COMMAND,
  FORMAT_TEXT_COMMAND,
  INDENT_CONTENT_COMMAND,
  INSERT_LINE_BREAK_COMMAND,
  INSERT_PARAGRAPH_COMMAND,
  KEY_BACKSPACE_COMMAND,
  KEY_DELETE_COMMAND,
  type LexicalEditor,
  OUTDENT_CONTENT_COMMAND,
  PASTE_TAG,
  type RangeSelection,
  REMOVE_TEXT_COMMAND,
} from 'lexical'
import { $insertDivider, $setBlockType } from '#client/editor/blocks.ts'
import { setLink } from '#client/editor/links.ts'
import type { Gesture } from '#server/testing/history/script.ts'
import { $select, $selectedCharacters, $selectLine } from './points.ts'

/** One key or click, and what it is to do to the characters. */
export interface Press {
  /** Characters that it writes. */
  writes: string
  act(editor: LexicalEditor): void
}

/** What was selected, and which characters of the document that was, counted from its beginning. */
export interface Selected {
  text: string
  characters: readonly number[]
}

const NOTHING: Selected = { text: '', characters: [] }

/** What was selected when it was done is what it may take away; tells that. */
export function press(editor: LexicalEditor, { act }: Press): Selected {
  let selected = NOTHING
  editor.update(
    () => {
      act(editor)
      selected = taken
    },
    { discrete: true },
  )
  taken = NOTHING
  return selected
}

/** What the present press has selected to be taken away. */
let taken = NOTHING

/** The presses of a gesture, one update each. */
export function pressesOf(gesture: Gesture): Press[] {
  switch (gesture.do) {
    case 'type':
      return [...gesture.text].map((character, n) => ({
        writes: character,
        act: (editor) => {
          $caret(n === 0 ? gesture.at : undefined)
          if ($getSelection()) editor.dispatchCommand(CONTROLLED_TEXT_INSERTION_COMMAND, character)
        },
      }))
    case 'compose':
      return [
        one(gesture.text, (editor) => {
          $caret(gesture.at)
          editor.dispatchCommand(CONTROLLED_TEXT_INSERTION_COMMAND, gesture.text)
        }),
      ]
    case 'replace':
      return [
        one(gesture.text, (editor) => {
          $take($select(gesture.from, gesture.length))
          editor.dispatchCommand(CONTROLLED_TEXT_INSERTION_COMMAND, gesture.text)
        }),
      ]
    case 'erase':
      return [
        one('', (editor) => {
          $take($select(gesture.from, gesture.length))
          editor.dispatchCommand(REMOVE_TEXT_COMMAND, null)
        }),
      ]
    case 'backspace':
    case 'delete':
      return [one('', (editor) => $eraseOne(editor, gesture.at, gesture.do === 'backspace'))]
    case 'join':
      return [
        one('', (editor) => {
          if (!$selectLine(gesture.block, gesture.forward ? 'end' : 'start')) return
          editor.dispatchCommand(
            gesture.forward ? KEY_DELETE_COMMAND : KEY_BACKSPACE_COMMAND,
            key(),
          )
        }),
      ]
    case 'enter':
      return [
        one('', (editor) => {
          $caret(gesture.at)
          if ($getSelection()) editor.dispatchCommand(INSERT_PARAGRAPH_COMMAND, undefined)
        }),
      ]
    case 'break':
      return [
        one('', (editor) => {
          $caret(gesture.at)
          if ($getSelection()) editor.dispatchCommand(INSERT_LINE_BREAK_COMMAND, false)
        }),
      ]
    case 'format':
      return [
        one('', (editor) => {
          $select(gesture.from, gesture.length)
          editor.dispatchCommand(FORMAT_TEXT_COMMAND, gesture.format)
        }),
      ]
    case 'link':
      return [
        one('', (editor) => {
          $select(gesture.from, gesture.length)
          setLink(editor, gesture.url)
        }),
      ]
    case 'block':
      return [
        one('', () => {
          $select(gesture.at)
          $setBlockType(gesture.type)
        }),
      ]
    case 'mark':
      return [...gesture.mark].map((character, n) => ({
        writes: character,
        act: (editor) => {
          if (n === 0) $selectLine(gesture.block, 'start')
          editor.dispatchCommand(CONTROLLED_TEXT_INSERTION_COMMAND, character)
        },
      }))
    case 'indent':
    case 'outdent':
      return [
        one('', (editor) => {
          $select(gesture.at)
          const command = gesture.do === 'indent' ? INDENT_CONTENT_COMMAND : OUTDENT_CONTENT_COMMAND
          editor.dispatchCommand(command, undefined)
        }),
      ]
    case 'divider':
      return [
        one('', () => {
          $select(gesture.at)
          $insertDivider()
        }),
      ]
    default:
      return []
  }
}

const one = (writes: string, act: Press['act']): Press => ({ writes, act })

/** What is selected already goes with what is written or erased. */
function $caret(at: number | undefined): void {
  if (at !== undefined || !$isRangeSelection($getSelection())) $select(at ?? 0)
  const selection = $getSelection()
  if ($isRangeSelection(selection)) $take(selection)
}

function $take(selection: RangeSelection | undefined): void {
  taken = selection
    ? { text: selection.getTextContent(), characters: $selectedCharacters(selection) }
    : NOTHING
}

/** Within a line the page asks the browser for the character; at its ends Lexical joins lines. */
function $eraseOne(editor: LexicalEditor, at: number | undefined, backward: boolean): void {
  $caret(at)
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return
  if (!selection.isCollapsed())
    return void editor.dispatchCommand(DELETE_CHARACTER_COMMAND, backward)
  const { anchor } = selection
  const node = anchor.getNode()
  const text = anchor.type === 'text' ? node.getTextContent() : ''
  const [before, behind] = [text.slice(0, anchor.offset), text.slice(anchor.offset)]
  const character = backward ? [...before].at(-1) : [...behind][0]
  if (character) {
    const to = anchor.offset + (backward ? -character.length : character.length)
    selection.focus.set(node.getKey(), to, 'text')
    $take(selection)
    editor.dispatchCommand(DELETE_CHARACTER_COMMAND, backward)
  } else editor.dispatchCommand(backward ? KEY_BACKSPACE_COMMAND : KEY_DELETE_COMMAND, key())
}

/** As much of a keyboard event as its handlers look at. */
const key = (): KeyboardEvent =>
  ({ preventDefault: () => undefined, target: null }) as unknown as KeyboardEvent

/** What is selected, as the clipboard keeps it, and as text. */
export function copied(editor: LexicalEditor, from: number, length: number) {
  let content: string | null = null
  let text = ''
  editor.update(
    () => {
      const selection = $select(from, length)
      if (!selection || selection.isCollapsed()) return
      content = $getLexicalContent(editor, selection)
      text = selection.getTextContent()
    },
    { discrete: true },
  )
  return { content, text }
}

/** Pastes at a place, or where the caret stands, what a clipboard holds under these types. */
export function paste(
  editor: LexicalEditor,
  at: number | undefined,
  data: Record<string, string>,
): void {
  const clipboard = {
    types: Object.keys(data),
    files: [],
    getData: (type: string) => data[type] ?? '',
  } as unknown as DataTransfer
  editor.update(
    () => {
      const selection = at === undefined ? $getSelection() : $select(at)
      if ($isRangeSelection(selection)) $insertDataTransferForRichText(clipboard, selection, editor)
    },
    { discrete: true, tag: PASTE_TAG },
  )
}
