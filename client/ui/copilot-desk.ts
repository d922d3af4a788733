/** Asking the co-pilot from anywhere on the page: one place that starts runs and tells failures. */
import { createContext, useContext } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { CommandInfo, CopilotInfo } from '#shared/protocol/api.ts'
import { askFor } from './command-filter.ts'
import { tell, tellProblem } from './toasts.tsx'

export interface CopilotDesk {
  info: CopilotInfo
  /** Resolves true when the run has started. */
  ask(command: string, instruction?: string): Promise<boolean>
  /** Runs a command, or puts it into the ask bar where it still needs words. */
  choose(command: CommandInfo): void
  /** Puts the focus into the ask bar; with a command, that one waits for its words there. */
  openBar(command?: CommandInfo): void
}

export const CopilotContext = createContext<CopilotDesk | null>(null)
export const useCopilotDesk = (): CopilotDesk | null => useContext(CopilotContext)

interface DeskDeps {
  info: CopilotInfo
  session: DocumentSession
  handle: EditorHandle
  openBar: (command?: CommandInfo) => void
}

export function createDesk({ info, session, handle, openBar }: DeskDeps): CopilotDesk {
  async function ask(command: string, instruction?: string): Promise<boolean> {
    try {
      await session.startRun({
        command,
        ...(instruction !== undefined && { instruction }),
        ...handle.target(),
      })
      return true
    } catch (problem) {
      tellProblem(problem)
      return false
    }
  }
  function choose(command: CommandInfo) {
    const wanted = askFor(command, '')
    if ('missing' in wanted) return openBar(command)
    ask(wanted.command).catch(tellProblem)
    if (handle.selection.get().kind === 'none' && command.kind === 'insert') {
      tell({ text: `${command.label}: at the end of the document.` })
    }
  }
  return { info, ask, choose, openBar }
}
