/** Which engine answers. Without a model it says so, and how to connect one. */
import { Popover } from '@base-ui/react/popover'
import type { CopilotInfo } from '#shared/protocol/api.ts'

export function EngineNote({ copilot }: { copilot: CopilotInfo }) {
  if (!copilot.builtIn) return <span className="engine cut">{copilot.model}</span>
  return (
    <span className="engine">
      <span className="cut">Built-in engine: rules, no language model.</span>{' '}
      <Popover.Root>
        <Popover.Trigger className="link">Connect a model</Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner className="positioner" side="top" align="end" sideOffset={12}>
            <Popover.Popup className="popup padded engine-how">
              <Popover.Title>Connect a model</Popover.Title>
              <Popover.Description>
                Start Gloss with the address of any server that speaks the OpenAI API: Ollama,
                llama.cpp, LM Studio, vLLM, or a provider.
              </Popover.Description>
              <pre>
                <code>
                  GLOSS_MODEL_URL=http://localhost:11434/v1{'\n'}GLOSS_MODEL=llama3.2{'\n'}
                  GLOSS_MODEL_KEY=only-if-it-needs-one
                </code>
              </pre>
              <p>The built-in engine works without any of it, and nothing leaves your server.</p>
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </span>
  )
}
