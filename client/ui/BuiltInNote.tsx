/** Says plainly that no language model is at work, and how to connect one. */
import { Popover } from '@base-ui/react/popover'
import { Info } from 'lucide-react'

export function BuiltInNote() {
  return (
    <Popover.Root>
      <Popover.Trigger className="built-in" type="button">
        <Info size={14} aria-hidden />
        <span>
          Built-in engine
          <span className="built-in-more">
            : rules, no language model. <u>Connect a model</u>
          </span>
        </span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" side="top" align="end" sideOffset={48}>
          <Popover.Popup className="popup padded built-in-popup">
            <Popover.Title className="popup-title">
              Built-in engine: rules, no language model
            </Popover.Title>
            <Popover.Description>
              It proofreads, tightens, summarises and outlines on this server. Nothing leaves it.
            </Popover.Description>
            <h3>Connect a model</h3>
            <p>
              Start Gloss with the address of any OpenAI-compatible endpoint, for example Ollama:
            </p>
            <pre>
              <code>
                {'GLOSS_MODEL_URL=http://localhost:11434/v1\nGLOSS_MODEL=qwen3:8b\nnpm start'}
              </code>
            </pre>
            <p>
              For a service with a key, set <code>GLOSS_MODEL_KEY</code> too.
            </p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
