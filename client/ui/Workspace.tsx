/** An open document: bar, left panel, sheet, margin, ask bar, and what floats above them. */
import { useCallback, useMemo, useRef, useState } from 'react'
import { Editor } from '#client/editor/Editor.tsx'
import type { EditorHandle } from '#client/editor/handle.ts'
import { canWriteNow } from '#client/session/connection.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { CommandInfo } from '#shared/protocol/api.ts'
import { AskBar, type AskBarHandle } from './AskBar.tsx'
import { Banner } from './Banner.tsx'
import { titleOf } from './documents.ts'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { LeftPanel } from './LeftPanel.tsx'
import { LiveRegion } from './LiveRegion.tsx'
import { Margin } from './Margin.tsx'
import { Overlays } from './Overlays.tsx'
import { type DialogName, type OpenDocument, OpenDocumentProvider } from './open-document.ts'
import { preferences } from './preferences.ts'
import { TopBar } from './TopBar.tsx'
import { tellProblem } from './toasts.tsx'
import { useDocumentTitle } from './use-document-title.ts'
import { NARROW, PHONE, useMedia } from './use-media.ts'
import { usePageKeys } from './use-page-keys.ts'
import { useCopilot } from './use-session.ts'
import { useStore } from './use-store.ts'

export function Workspace({ session }: { session: DocumentSession }) {
  const [handle, setHandle] = useState<EditorHandle | null>(null)
  const [dialog, openDialog] = useState<DialogName | null>(null)
  const [drawer, setDrawer] = useState(false)
  const askBar = useRef<AskBarHandle>(null)
  const copilot = useCopilot()
  const role = useStore(session.role)
  const connection = useStore(session.connection)
  const { sidebar } = useStore(preferences)
  const phone = useMedia(PHONE)
  const narrow = useMedia(NARROW)
  const mayEdit = role !== 'viewer' && canWriteNow(connection)
  useDocumentTitle(titleOf(useStore(session.info).title))

  const focusAsk = useCallback(() => askBar.current?.focus(), [])
  const ask = useCallback(
    (command: CommandInfo, instruction?: string) => {
      if (!handle) return
      const needsWords = command.instruction === 'required' && !instruction
      if (needsWords) return askBar.current?.choose(command)
      session
        .startRun({
          command: command.id,
          ...(instruction && { instruction }),
          ...handle.target(),
        })
        .catch(tellProblem)
      handle.focus()
    },
    [handle, session],
  )
  const open = useMemo<OpenDocument>(
    () => ({ session, handle, copilot, mayEdit, dialog, openDialog, ask, focusAsk }),
    [session, handle, copilot, mayEdit, dialog, ask, focusAsk],
  )
  usePageKeys(open)

  const beside = sidebar && !narrow
  return (
    <OpenDocumentProvider value={open}>
      <div className="workspace" data-panel={beside || undefined}>
        <TopBar panelOpen={narrow ? drawer : sidebar} onDrawer={() => setDrawer(true)} />
        <Banner />
        <LeftPanel beside={beside} drawer={narrow && drawer} onClose={() => setDrawer(false)} />
        <div className="desk">
          <main className="sheet">
            <ErrorBoundary>
              <Editor session={session} onReady={setHandle} />
            </ErrorBoundary>
          </main>
          {handle && !phone && <Margin handle={handle} />}
        </div>
        {handle && copilot && mayEdit && <AskBar ref={askBar} handle={handle} copilot={copilot} />}
        <Overlays />
        <LiveRegion />
      </div>
    </OpenDocumentProvider>
  )
}
