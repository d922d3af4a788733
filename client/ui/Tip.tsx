/** A word under a button that shows only an icon. */
import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'

interface TipProps {
  text: string
  children: ReactElement
  side?: 'top' | 'bottom'
}

export function Tip({ text, children, side = 'bottom' }: TipProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner side={side} sideOffset={6} className="positioner">
          <Tooltip.Popup className="tooltip">{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
