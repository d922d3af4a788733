/** A button that copies, and says that it did. */
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { tell } from '../toasts.tsx'

const SAID_MS = 2_000

interface CopyButtonProps {
  text: string
  /** For who cannot see what it belongs to. */
  label: string
  /** What stands on it where it has room. */
  words?: string
}

export function CopyButton({ text, label, words }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SAID_MS)
    return () => clearTimeout(timer)
  }, [copied])
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // Browsers refuse on plain HTTP.
      tell({ text: 'The browser did not allow copying. Select the text and copy it.' })
    }
  }
  return (
    <button
      type="button"
      className={words ? 'button' : 'button small'}
      aria-label={label}
      onClick={copy}
    >
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      <span aria-live="polite">{copied ? 'Copied' : (words ?? 'Copy')}</span>
    </button>
  )
}
