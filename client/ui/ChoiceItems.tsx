/** A menu group in which one thing is chosen. */
import { Menu } from '@base-ui/react/menu'
import { Check } from 'lucide-react'

interface ChoiceItemsProps<T extends string> {
  label: string
  value: T
  choices: Record<T, string>
  onChoose: (value: T) => void
}

export function ChoiceItems<T extends string>(props: ChoiceItemsProps<T>) {
  const { label, value, choices, onChoose } = props
  return (
    <Menu.RadioGroup value={value} onValueChange={(next: T) => onChoose(next)} aria-label={label}>
      {(Object.keys(choices) as T[]).map((choice) => (
        <Menu.RadioItem key={choice} value={choice} className="item" closeOnClick>
          {choice === value ? <Check size={16} aria-hidden /> : <span className="unchosen" />}
          {choices[choice]}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  )
}
