/** A button that is only an icon; its name is its tooltip too. */
import type { ComponentProps } from 'react'
import { Tip } from './Tip.tsx'

interface IconButtonProps extends ComponentProps<'button'> {
  label: string
  side?: 'top' | 'bottom'
}

export function IconButton({ label, side = 'bottom', className, ...rest }: IconButtonProps) {
  const classes = className ? `icon-button ${className}` : 'icon-button'
  return (
    <Tip text={label} side={side}>
      <button type="button" aria-label={label} className={classes} {...rest} />
    </Tip>
  )
}
