/** The bar at the bottom: one field in which to ask the co-pilot, for what it stands, and how. */
import { Autocomplete } from '@base-ui/react/autocomplete'
import { ArrowUp, CornerDownLeft, Sparkle, X } from 'lucide-react'
import { type KeyboardEvent, type Ref, useImperativeHandle, useRef, useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { CommandInfo, CopilotInfo } from '#shared/protocol/api.ts'
import { type AskItem, askItems, scopeWords } from './ask-items.ts'
import { EngineNote } from './EngineNote.tsx'
import { useOpenDocument } from './open-document.ts'
import { ReviewRow } from './ReviewRow.tsx'
import { keys } from './shortcuts.ts'
import { PHONE, useMedia } from './use-media.ts'
import { useStore } from './use-store.ts'

export interface AskBarHandle {
  focus(): void
  /** Begins with this command, which still needs a sentence. */
  choose(command: CommandInfo): void
}

interface AskBarProps {
  ref: Ref<AskBarHandle>
  handle: EditorHandle
  copilot: CopilotInfo
}

export function AskBar({ ref, handle, copilot }: AskBarProps) {
  const { ask } = useOpenDocument()
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState<CommandInfo | null>(null)
  const phone = useMedia(PHONE)
  const selection = useStore(handle.selection)
  const field = useRef<HTMLInputElement>(null)
  const bar = useRef<HTMLDivElement>(null)
  const items = chosen ? [] : askItems(copilot.commands, text, selection.kind === 'range')

  useImperativeHandle(ref, () => ({
    focus: () => {
      field.current?.focus()
      setOpen(true)
    },
    choose: (command) => {
      setChosen(command)
      setText('')
      setOpen(false)
      field.current?.focus()
    },
  }))

  function run(command: CommandInfo, instruction: string) {
    setText('')
    setChosen(null)
    setOpen(false)
    ask(command, instruction.trim() || undefined)
  }

  function pick(item: AskItem) {
    if (item.command.instruction === 'required' && item.instruction === '') {
      setChosen(item.command)
      setText('')
      setOpen(false)
    } else {
      run(item.command, item.instruction)
    }
  }

  function send() {
    if (!chosen) {
      const first = items[0]
      if (first && text.trim() !== '') pick(first)
    } else if (text.trim() !== '') {
      run(chosen, text)
    }
  }

  function handleKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === 'Backspace' && text === '' && chosen) {
      event.preventDefault()
      setChosen(null)
      setOpen(true)
    } else if (event.key === 'Enter' && chosen && !event.nativeEvent.isComposing) {
      event.preventDefault()
      send()
    } else if (event.key === 'Escape' && !open) {
      event.preventDefault()
      setText('')
      setChosen(null)
      handle.focus()
    }
  }

  return (
    <Autocomplete.Root
      items={items}
      filter={null}
      value={text}
      onValueChange={(value, { reason }) => {
        if (reason === 'item-press') return
        setText(value)
        if (reason === 'input-change' && !chosen) setOpen(true)
      }}
      open={open && !chosen}
      onOpenChange={setOpen}
      openOnInputClick
      autoHighlight="always"
      itemToStringValue={(item: AskItem) => item.command.label}
    >
      <section className="ask" ref={bar} aria-label="Co-pilot" data-open={open || undefined}>
        {phone && <ReviewRow handle={handle} />}
        <div className="ask-line">
          <span className="ask-mark" aria-hidden="true">
            <Sparkle size={15} />
          </span>
          {chosen && (
            <span className="ask-chip">
              {chosen.label}
              <button
                type="button"
                aria-label={`Do not ${chosen.label.toLowerCase()}`}
                onClick={() => {
                  setChosen(null)
                  field.current?.focus()
                }}
              >
                <X size={13} aria-hidden />
              </button>
            </span>
          )}
          <Autocomplete.Input
            ref={field}
            className="ask-input"
            aria-label="Ask the co-pilot"
            placeholder={chosen ? chosen.hint : placeholder(copilot)}
            enterKeyHint="send"
            onKeyDown={handleKeyDown}
          />
          {text.trim() === '' ? (
            <kbd className="ask-key">{keys('J')}</kbd>
          ) : (
            <button type="button" className="ask-send" aria-label="Ask" onClick={send}>
              <ArrowUp size={16} aria-hidden />
            </button>
          )}
        </div>
        <div className="ask-foot">
          <span className="ask-scope">{scopeWords(selection)}</span>
          <EngineNote copilot={copilot} />
        </div>
      </section>
      <Autocomplete.Portal>
        <Autocomplete.Positioner
          className="positioner"
          anchor={bar}
          side="top"
          sideOffset={8}
          collisionAvoidance={{ side: 'none' }}
        >
          <Autocomplete.Popup className="popup ask-list" aria-label="Commands of the co-pilot">
            <Autocomplete.Empty className="nothing">
              {text.trim() !== '' && nothingWords(copilot)}
            </Autocomplete.Empty>
            <Autocomplete.List>
              {(item: AskItem) => (
                <Autocomplete.Item
                  key={item.key}
                  value={item}
                  className="item"
                  onClick={() => pick(item)}
                >
                  <Sparkle size={15} aria-hidden />
                  <span className="ask-label cut">{item.label}</span>
                  <small className="cut">{item.hint}</small>
                  <CornerDownLeft className="enter" size={14} aria-hidden />
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  )
}

const placeholder = ({ builtIn }: CopilotInfo): string =>
  builtIn ? 'Ask the co-pilot: proofread, summarise, outline…' : 'Ask the co-pilot to write, change or explain…'

const nothingWords = ({ builtIn }: CopilotInfo): string =>
  builtIn
    ? 'No command is called that. A sentence of your own needs a language model.'
    : 'No command is called that.'
