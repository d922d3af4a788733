/**
 * One open document in this tab: its Y.Doc, both roads to the server, what is kept on the device,
 * and what the page shows of it all. Knows nothing of Lexical or React.
 */
import type * as Y from 'yjs'
import type { LinkRole, NewRun, Role, RunInfo, Session } from '#shared/protocol/api.ts'
import type { OneDocument } from './api.ts'
import type { ConnectionState } from './connection.ts'
import type { Store } from './store.ts'
import type { Participant, SuggestionView } from './views.ts'

export interface DocumentSession {
  readonly id: string
  readonly me: Store<Session>
  readonly info: Store<OneDocument>
  readonly role: Store<Role>
  readonly connection: Store<ConnectionState>
  readonly participants: Store<readonly Participant[]>
  /** One entry a card: suggestions with something to decide, and runs that have news. */
  readonly suggestions: Store<readonly SuggestionView[]>
  /** To what one's own last decision was lost, in a sentence; each loss is another object. */
  readonly lostDecision: Store<{ sentence: string } | null>
  /** For the editor alone. */
  readonly doc: Y.Doc

  /** One's own name and colour. */
  changeMe(set: { name: string; color: string }): Promise<void>
  rename(title: string): Promise<void>
  share(linkRole: LinkRole): Promise<void>
  /** Asks the co-pilot. Throws ApiProblem with a sentence for a person. */
  startRun(ask: Omit<NewRun, 'key'>): Promise<RunInfo>
  stopRun(run: string): Promise<void>
  /** Goes on with the text of an interrupted or failed run. */
  continueRun(run: string): Promise<void>
  /** Asks again for a stale chunk, on the text as it is now. Throws ApiProblem. */
  askAgain(chunk: string): Promise<void>
  /** One's own say on chunks, also offline; Ctrl+Z takes it back. */
  decide(chunks: readonly string[], decision: 'accepted' | 'rejected'): void
  /** Takes a card without anything to decide off the margin. */
  dismiss(suggestion: string): void
  /** The document as markdown, from this tab alone: works offline and when refused. */
  downloadCopy(): void
  /** Forgets what this device keeps of the document and loads it anew: the way out of a refusal. */
  startOver(): Promise<void>
  /** Brings the document back that was deleted, and loads it anew: the owner alone may. */
  restore(): Promise<void>
  /** Forgets this person in this browser, and goes to the first page as somebody new. */
  forgetMe(): Promise<void>
  close(): void
}
