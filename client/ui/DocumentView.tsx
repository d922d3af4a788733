/** An open document: the sheet, and around it the bar, the panels, the margin and the ask bar. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Editor } from '#client/editor/Editor.tsx'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { AskBar, type AskBarHandle } from './AskBar.tsx'
import { Banner } from './Banner.tsx'
import { CommandPalette } from './CommandPalette.tsx'
import { CopilotContext, createDesk } from './copilot-desk.ts'
import { SheetSkeleton } from './DocumentSkeleton.tsx'
import { noteChange, titleOf } from './documents.ts'
import { FollowingNote } from './FollowingNote.tsx'
import { LiveRegion } from './LiveRegion.tsx'
import { Margin } from './Margin.tsx'
import { StaleBar } from './meet/StaleBar.tsx'
import { useLostDecisions } from './meet/use-lost-decisions.ts'
import { PhoneBar } from './PhoneBar.tsx'
import { SelectionToolbar } from './SelectionToolbar.tsx'
import { ShortcutSheet } from './ShortcutSheet.tsx'
import { Sidebar } from './Sidebar.tsx'
import { SlashMenu } from './SlashMenu.tsx'
import { keys } from './shortcuts.ts'
import { TopBar } from './TopBar.tsx'
import { tell, tellProblem } from './toasts.tsx'
import { useCopilot } from './use-copilot.ts'
import { useDocumentTitle } from './use-document-title.ts'
import { useMayEdit } from './use-may-edit.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { useStore } from './use-store.ts'

export function DocumentView({ session }: { session: DocumentSession }) {
  const [handle, setHandle] = useState<EditorHandle | null>(null)
  const [dialog, setDialog] = useState<'palette' | 'shortcuts' | null>(null)
  const askBar = useRef<AskBarHandle>(null)
  const { title } = useStore(session.info)
  const mayEdit = useMayEdit(session)
  const copilot = useCopilot()
  useDocumentTitle(titleOf(title))
  useLostDecisions(session)

  const desk = useMemo(
    () =>
      copilot &&
      handle &&
      createDesk({
        info: copilot,
        session,
        handle,
        openBar: (command) => askBar.current?.open(command),
      }),
    [copilot, handle, session],
  )
  const begin = useCallback((ready: EditorHandle) => {
    setHandle(ready)
    // An empty document is opened to write in; another one first to read.
    if (ready.empty.get()) ready.focus()
  }, [])
  useEffect(() => {
    if (!handle) return
    return handle.refusals.subscribe(() => {
      const refusal = handle.refusals.get()
      if (refusal) tell({ text: refusal.why })
    })
  }, [handle])
  const openPalette = useCallback(() => setDialog('palette'), [])
  const openShortcuts = useCallback(() => setDialog('shortcuts'), [])
  useShortcuts({ handle, askBar, openPalette, openShortcuts })

  const stop = (run: string) => session.stopRun(run).catch(tellProblem)
  const goOn = (run: string) => session.continueRun(run).catch(tellProblem)
  async function rename(next: string) {
    await session.rename(next).catch(tellProblem)
    noteChange({ id: session.id, title: next })
  }

  return (
    <CopilotContext value={mayEdit ? desk : null}>
      <button type="button" className="skip" onClick={() => handle?.focus()}>
        Skip to the text
      </button>
      <div className="page" data-ready={handle !== null || undefined}>
        <TopBar
          session={session}
          handle={handle}
          onRename={rename}
          onPalette={openPalette}
          onShortcuts={openShortcuts}
        />
        <Banner session={session} />
        {handle && <FollowingNote session={session} handle={handle} />}
        <div className="desk">
          <Sidebar here={session.id} handle={handle} />
          <main className="sheet" id="text">
            {!handle && <SheetSkeleton />}
            <Editor session={session} onReady={begin} />
            {handle && mayEdit && <EmptyHint handle={handle} />}
          </main>
          {handle ? (
            <Margin
              session={session}
              handle={handle}
              mayEdit={mayEdit}
              onStop={stop}
              onContinue={goOn}
            />
          ) : (
            <div className="margin" />
          )}
        </div>
        {handle && mayEdit && <SelectionToolbar handle={handle} />}
        {handle && mayEdit && <SlashMenu handle={handle} />}
        {handle && (
          <div className="dock">
            <StaleBar session={session} mayEdit={mayEdit} />
            <PhoneBar session={session} handle={handle} mayEdit={mayEdit} />
            {desk && mayEdit && <AskBar ref={askBar} desk={desk} handle={handle} />}
          </div>
        )}
      </div>
      <CommandPalette
        open={dialog === 'palette'}
        onClose={() => setDialog(null)}
        session={session}
        handle={handle}
        onShortcuts={openShortcuts}
      />
      <ShortcutSheet open={dialog === 'shortcuts'} onClose={() => setDialog(null)} />
      <LiveRegion session={session} />
    </CopilotContext>
  )
}

function EmptyHint({ handle }: { handle: EditorHandle }) {
  const empty = useStore(handle.empty)
  if (!empty) return null
  return (
    <p className="empty-hint" aria-hidden>
      Write, paste, or press {keys('J')}
    </p>
  )
}
