/** The co-pilot's own line at the foot of the page: say what you want, or choose a command. */
import { Autocomplete } from '@base-ui/react/autocomplete'
import { ArrowUp, Sparkle } from 'lucide-react'
import { type KeyboardEvent, type Ref, useImperativeHandle, useRef, useState } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { CommandInfo } from '#shared/protocol/api.ts'
import { BuiltInNote } from './BuiltInNote.tsx'
import { type Ask, askFor, filterCommands, freeAsk } from './command-filter.ts'
import type { CopilotDesk } from './copilot-desk.ts'
import { scopeWords } from './scope-words.ts'
import { MOD } from './shortcuts.ts'
import { tellProblem } from './toasts.tsx'
import { useStoreView } from './use-store.ts'

export interface AskBarHandle {
  /** Puts the caret here; a command given waits here for its words. */
  open(command?: CommandInfo): void
}

interface AskBarProps {
  ref: Ref<AskBarHandle>
  desk: CopilotDesk
  handle: EditorHandle
}

export function AskBar({ ref, desk, handle }: AskBarProps) {
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [waiting, setWaiting] = useState<CommandInfo | null>(null)
  const [busy, setBusy] = useState(false)
  const highlighted = useRef<CommandInfo | undefined>(undefined)
  const input = useRef<HTMLInputElement>(null)
  const bar = useRef<HTMLFormElement>(null)
  const scope = useStoreView(handle.selection, scopeWords)
  const isRange = useStoreView(handle.selection, ({ kind }) => kind === 'range')
  const commands = waiting ? [] : filterCommands(desk.info.commands, text)
  const free = freeAsk(desk.info.commands, text, isRange)

  useImperativeHandle(ref, () => ({
    open(command) {
      setWaiting(command ?? null)
      setText('')
      input.current?.focus()
      setOpen(command === undefined)
    },
  }))

  function run({ command, instruction }: Extract<Ask, { command: string }>) {
    setBusy(true)
    setOpen(false)
    const ended = desk.ask(command, instruction).then((started) => {
      setBusy(false)
      if (!started) return
      setText('')
      setWaiting(null)
      handle.focus()
    })
    ended.catch(tellProblem)
  }

  function choose(command: CommandInfo) {
    const wanted = askFor(command, '')
    if ('command' in wanted) return run(wanted)
    setWaiting(command)
    setText('')
    setOpen(false)
  }

  function submit() {
    if (busy) return
    const wanted = waiting ? askFor(waiting, text) : free
    if (wanted && 'command' in wanted) run(wanted)
    else if (!waiting) setOpen(true)
  }

  function handleKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape') {
      if (open && text !== '') return setOpen(false)
      setOpen(false)
      setWaiting(null)
      return handle.focus()
    }
    if (event.key === 'Backspace' && text === '' && waiting) return setWaiting(null)
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return undefined
    // With a command lit, Enter is the list's own key and chooses that.
    if (!open || highlighted.current === undefined) {
      event.preventDefault()
      submit()
    }
    return undefined
  }

  return (
    <form
      ref={bar}
      className="ask"
      aria-label="Ask the co-pilot"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Autocomplete.Root
        items={commands}
        filteredItems={commands}
        itemToStringValue={(command: CommandInfo) => command.label}
        value={text}
        onValueChange={(value, { reason }) => reason !== 'item-press' && setText(value)}
        open={open && (commands.length > 0 || free !== undefined)}
        onOpenChange={(next) => setOpen(next && !waiting)}
        openOnInputClick
        autoHighlight
        onItemHighlighted={(command: CommandInfo | undefined) => {
          highlighted.current = command
        }}
      >
        <span className="ask-mark" aria-hidden>
          <Sparkle size={16} />
        </span>
        <span className="ask-scope">{waiting ? waiting.label : scope}</span>
        <Autocomplete.Input
          ref={input}
          className="ask-input"
          aria-label="Ask the co-pilot"
          placeholder={waiting ? waiting.hint : placeholderFor(desk)}
          onKeyDown={handleKeyDown}
        />
        <Autocomplete.Portal>
          <Autocomplete.Positioner
            className="positioner"
            anchor={bar}
            side="top"
            sideOffset={8}
            align="start"
          >
            <Autocomplete.Popup className="popup ask-popup">
              <Autocomplete.List>
                {(command: CommandInfo) => (
                  <Autocomplete.Item
                    key={command.id}
                    value={command}
                    className="item"
                    onClick={() => choose(command)}
                  >
                    <Sparkle size={15} className="spark" aria-hidden />
                    <span className="two">
                      {command.label}
                      <small>{command.hint}</small>
                    </span>
                  </Autocomplete.Item>
                )}
              </Autocomplete.List>
              <Autocomplete.Empty className="nothing">
                {commands.length === 0 && free ? (
                  <>
                    <kbd>Enter</kbd> asks for “{text.trim()}”
                  </>
                ) : null}
              </Autocomplete.Empty>
            </Autocomplete.Popup>
          </Autocomplete.Positioner>
        </Autocomplete.Portal>
      </Autocomplete.Root>
      {desk.info.builtIn && <BuiltInNote />}
      {text === '' ? (
        <span className="ask-keys" aria-hidden>
          <kbd>{MOD}</kbd> <kbd>J</kbd>
        </span>
      ) : (
        <button type="submit" className="ask-send" aria-label="Ask" disabled={busy}>
          <ArrowUp size={17} aria-hidden />
        </button>
      )}
    </form>
  )
}

const placeholderFor = ({ info }: CopilotDesk): string =>
  info.builtIn ? 'Choose what the co-pilot should do…' : 'Ask the co-pilot to write or change…'
