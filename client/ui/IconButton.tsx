/** A button that is only an icon; its name is its tooltip, with the key that does the same. */
import { Tooltip } from '@base-ui/react/tooltip'
import type { ComponentProps, ReactNode } from 'react'

interface Props extends ComponentProps<'button'> {
  label: string
  keys?: string
  side?: 'top' | 'bottom'
  children: ReactNode
}

export function IconButton({ label, keys, side = 'bottom', className = '', ...rest }: Props) {
  return (
    <Hint label={label} {...(keys && { keys })} side={side}>
      <button type="button" aria-label={label} className={`icon-button ${className}`} {...rest} />
    </Hint>
  )
}

interface HintProps {
  label: ReactNode
  keys?: string
  side?: 'top' | 'bottom'
  children: React.ReactElement<Record<string, unknown>>
}

/** A tooltip on what is inside. */
export function Hint({ label, keys, side = 'bottom', children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner className="positioner above" side={side} sideOffset={6}>
          <Tooltip.Popup className="tooltip">
            {label}
            {keys && <span className="tooltip-keys">{keys}</span>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
