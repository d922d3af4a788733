/** Floats over a selection: format, block, link, and the co-pilot's commands for what is selected. */
import { Menu } from '@base-ui/react/menu'
import { Toolbar } from '@base-ui/react/toolbar'
import {
  Bold,
  ChevronDown,
  Code,
  Italic,
  Link,
  Sparkle,
  Strikethrough,
  Underline,
} from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Box, EditorHandle, TextFormat } from '#client/editor/handle.ts'
import { BLOCK_ITEMS } from './block-items.ts'
import { type CopilotDesk, useCopilotDesk } from './copilot-desk.ts'
import { LinkField } from './LinkField.tsx'
import { placeToolbar } from './toolbar/toolbar-place.ts'
import { useStore } from './use-store.ts'

const FORMATS: readonly { format: TextFormat; label: string; Icon: typeof Bold }[] = [
  { format: 'bold', label: 'Bold, Ctrl+B', Icon: Bold },
  { format: 'italic', label: 'Italic, Ctrl+I', Icon: Italic },
  { format: 'underline', label: 'Underline, Ctrl+U', Icon: Underline },
  { format: 'strikethrough', label: 'Strike through', Icon: Strikethrough },
  { format: 'code', label: 'Code', Icon: Code },
]

export function SelectionToolbar({ handle }: { handle: EditorHandle }) {
  const selection = useStore(handle.selection)
  const pressed = usePointerDown()
  const desk = useCopilotDesk()
  if (selection.kind !== 'range' || !selection.box || selection.text.trim() === '' || pressed)
    return null
  return <Bar box={selection.box} handle={handle} desk={desk} />
}

interface BarProps {
  box: Box
  handle: EditorHandle
  desk: CopilotDesk | null
}

function Bar({ box, handle, desk }: BarProps) {
  const { block, formats, link } = useStore(handle.toolbar)
  const [linking, setLinking] = useState(false)
  const { bar, style } = usePlace(box, linking)
  const current = BLOCK_ITEMS.find(({ type }) => type === block)
  if (linking) {
    return (
      <div ref={bar} className="floating" style={style}>
        <LinkField link={link} handle={handle} onDone={() => setLinking(false)} />
      </div>
    )
  }
  return (
    <Toolbar.Root
      ref={bar}
      className="floating"
      aria-label="Format the selection"
      style={style}
      // The text keeps its focus; stopping the pointer's event would keep the menus shut as well.
      onMouseDown={(event) => event.preventDefault()}
    >
      {desk && <CopilotMenu desk={desk} handle={handle} />}
      <Menu.Root modal={false} onOpenChange={(_, { reason }) => backToText(handle, reason)}>
        <Toolbar.Button className="button quiet small" render={<Menu.Trigger />}>
          {current?.label ?? 'Text'} <ChevronDown size={14} aria-hidden />
        </Toolbar.Button>
        <Menu.Portal>
          <Menu.Positioner className="positioner" align="start" sideOffset={8}>
            <Menu.Popup className="popup" finalFocus={false}>
              {BLOCK_ITEMS.map(({ type, label, hint, Icon }) =>
                type === 'divider' ? null : (
                  <Menu.Item key={type} className="item" onClick={() => handle.setBlock(type)}>
                    <Icon size={16} aria-hidden /> {label} <span className="hint">{hint}</span>
                  </Menu.Item>
                ),
              )}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <Toolbar.Separator className="bar-line" />
      {FORMATS.map(({ format, label, Icon }) => (
        <Toolbar.Button
          key={format}
          className="icon-button"
          aria-label={label}
          title={label}
          aria-pressed={formats.has(format)}
          onClick={() => handle.format(format)}
        >
          <Icon size={16} aria-hidden />
        </Toolbar.Button>
      ))}
      <Toolbar.Button
        className="icon-button"
        aria-label="Link"
        title="Link"
        aria-pressed={link !== null}
        onClick={() => setLinking(true)}
      >
        <Link size={16} aria-hidden />
      </Toolbar.Button>
    </Toolbar.Root>
  )
}

interface CopilotMenuProps {
  desk: CopilotDesk
  handle: EditorHandle
}

function CopilotMenu({ desk, handle }: CopilotMenuProps) {
  return (
    <>
      <Menu.Root modal={false} onOpenChange={(_, { reason }) => backToText(handle, reason)}>
        <Toolbar.Button className="button quiet small copilot-button" render={<Menu.Trigger />}>
          <Sparkle size={15} aria-hidden /> Co-pilot
        </Toolbar.Button>
        <Menu.Portal>
          <Menu.Positioner className="positioner" align="start" sideOffset={8}>
            <Menu.Popup className="popup" finalFocus={false}>
              {desk.info.commands.map((command) => (
                <Menu.Item key={command.id} className="item" onClick={() => desk.choose(command)}>
                  <span className="two">
                    {command.label}
                    <small>{command.hint}</small>
                  </span>
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <Toolbar.Separator className="bar-line" />
    </>
  )
}

/** A choice and Escape lead back to the selected text, unless they led on to the ask bar. */
function backToText(handle: EditorHandle, reason: string) {
  if (reason !== 'item-press' && reason !== 'escape-key') return
  const { activeElement } = document
  if (activeElement === document.body || activeElement?.closest('.popup, .floating')) handle.focus()
}

/** Moves with the selection, and with the bars at the foot of the page, which come and go. */
function usePlace(box: Box, other: unknown) {
  const bar = useRef<HTMLDivElement>(null)
  const bottom = useFoot()
  const [style, setStyle] = useState<{ top: number; left: number; visibility?: 'hidden' }>({
    top: 0,
    left: 0,
    visibility: 'hidden',
  })
  const { top, left, width, height } = box
  useLayoutEffect(() => {
    const size = bar.current?.getBoundingClientRect()
    if (!size) return
    const room = { width: window.innerWidth, top: TOP_BAR, bottom }
    setStyle(placeToolbar({ top, left, width, height }, size, room))
  }, [top, left, width, height, bottom, other])
  return { bar, style }
}

const TOP_BAR = 60

/** Where the bars at the foot of the page begin. */
function useFoot(): number {
  const [foot, setFoot] = useState(footTop)
  useLayoutEffect(() => {
    const dock = document.querySelector('.dock')
    const resizes = new ResizeObserver(() => setFoot(footTop()))
    if (dock) resizes.observe(dock)
    return () => resizes.disconnect()
  }, [])
  return foot
}

function footTop(): number {
  const box = document.querySelector('.dock')?.getBoundingClientRect()
  return box && box.height > 0 ? box.top : window.innerHeight
}

/** While a selection is being dragged, nothing floats in its way. */
function usePointerDown(): boolean {
  const [down, setDown] = useState(false)
  useEffect(() => {
    const press = (event: PointerEvent) =>
      event.target instanceof Element && event.target.closest('.editor-surface') && setDown(true)
    const release = () => setDown(false)
    window.addEventListener('pointerdown', press)
    window.addEventListener('pointerup', release)
    window.addEventListener('pointercancel', release)
    return () => {
      window.removeEventListener('pointerdown', press)
      window.removeEventListener('pointerup', release)
      window.removeEventListener('pointercancel', release)
    }
  }, [])
  return down
}
