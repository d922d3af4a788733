/**
 * The menu behind a slash on an empty line: blocks and the co-pilot's commands. The focus stays
 * in the text, where one goes on typing to filter; so its keys are caught before the editor.
 */
import { Sparkle } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { EditorHandle, SlashState } from '#client/editor/handle.ts'
import { BLOCK_ITEMS } from './block-items.ts'
import { filterCommands } from './command-filter.ts'
import { type CopilotDesk, useCopilotDesk } from './copilot-desk.ts'
import { useStore } from './use-store.ts'

export function SlashMenu({ handle }: { handle: EditorHandle }) {
  const slash = useStore(handle.slash)
  const desk = useCopilotDesk()
  return slash && <OpenMenu slash={slash} handle={handle} desk={desk} />
}

interface OpenMenuProps {
  slash: SlashState
  handle: EditorHandle
  desk: CopilotDesk | null
}

interface SlashItem {
  id: string
  label: string
  hint: string
  Icon: typeof Sparkle
  copilot: boolean
  run: () => void
}

const MENU_HEIGHT = 340

function OpenMenu({ slash, handle, desk }: OpenMenuProps) {
  const items = useMemo(() => itemsFor(slash.query, handle, desk), [slash.query, handle, desk])
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => setAt(0), [slash.query])
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [at])

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.isComposing) return
      if (event.key === 'Escape') handle.closeSlash(false)
      else if (items.length === 0) return
      else if (event.key === 'ArrowDown') setAt((at + 1) % items.length)
      else if (event.key === 'ArrowUp') setAt((at - 1 + items.length) % items.length)
      else if (event.key === 'Enter' || event.key === 'Tab') choose(items[at], handle)
      else return
      event.preventDefault()
      event.stopPropagation()
    }
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [items, at, handle])

  if (items.length === 0) return null
  const below = slash.box.top + slash.box.height + 6
  const above = below + MENU_HEIGHT > window.innerHeight
  const left = Math.min(slash.box.left, window.innerWidth - 292)
  return (
    <div
      ref={list}
      className="popup slash"
      role="listbox"
      aria-label="Insert"
      style={
        above ? { left, bottom: window.innerHeight - slash.box.top + 6 } : { left, top: below }
      }
    >
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are caught above, from the text
        <div
          key={item.id}
          className="item"
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onPointerMove={() => setAt(index)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => choose(item, handle)}
        >
          <item.Icon size={16} className={item.copilot ? 'spark' : undefined} aria-hidden />
          {item.label}
          <span className="hint">{item.hint}</span>
        </div>
      ))}
      <p className="unseen" role="status">
        {items[at]?.label}
      </p>
    </div>
  )
}

function choose(item: SlashItem | undefined, handle: EditorHandle): void {
  if (!item) return
  handle.closeSlash(true)
  item.run()
}

function itemsFor(query: string, handle: EditorHandle, desk: CopilotDesk | null): SlashItem[] {
  const wanted = query.trim().toLowerCase()
  const blocks = BLOCK_ITEMS.filter(({ label }) => label.toLowerCase().includes(wanted)).map(
    ({ type, label, hint, Icon }): SlashItem => ({
      id: type,
      label,
      hint,
      Icon,
      copilot: false,
      run: () => (type === 'divider' ? handle.insertDivider() : handle.setBlock(type)),
    }),
  )
  const writing = desk?.info.commands.filter(({ kind }) => kind === 'insert') ?? []
  const commands = filterCommands(writing, query).map(
    (command): SlashItem => ({
      id: `copilot-${command.id}`,
      label: command.label,
      hint: '',
      Icon: Sparkle,
      copilot: true,
      run: () => desk?.choose(command),
    }),
  )
  return [...blocks, ...commands]
}
