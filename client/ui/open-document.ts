/** What every part of a document's page works with, handed down by context. */
import { createContext, useContext } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { CommandInfo, CopilotInfo } from '#shared/protocol/api.ts'

export type DialogName = 'share' | 'palette' | 'shortcuts' | 'profile' | 'delete'

export interface OpenDocument {
  session: DocumentSession
  /** Null until the text is there. */
  handle: EditorHandle | null
  /** Null where the co-pilot is off: then the page shows no trace of it. */
  copilot: CopilotInfo | null
  mayEdit: boolean
  dialog: DialogName | null
  openDialog(name: DialogName | null): void
  /** Starts a run on the selection. A command that needs a sentence goes to the ask bar first. */
  ask(command: CommandInfo, instruction?: string): void
  /** Puts the caret into the ask bar. */
  focusAsk(): void
}

const Context = createContext<OpenDocument | null>(null)
export const OpenDocumentProvider = Context.Provider

export function useOpenDocument(): OpenDocument {
  const open = useContext(Context)
  if (!open) throw new Error('outside of a document page')
  return open
}
