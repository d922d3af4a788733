/**
 * Ask reads what somebody asks of the co-pilot against the document as it is: which command, and where.
 * Whatever cannot be done is refused here with a sentence for the person, before there is a run.
 */
import { suggestionBy } from '#server/rooms/lane-events.ts'
import type { Located } from '#server/rooms/locate.ts'
import type { Room } from '#server/rooms/room.ts'
import type { DocumentStore, RunRow } from '#server/store/document-store.ts'
import { readProgress } from '#server/store/run-progress.ts'
import { suggestionOf } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import { type ContentView, type NewRun, Target } from '#shared/protocol/api.ts'
import { type Command, findCommand } from './commands.ts'
import type { ModelEndpoint } from './endpoint.ts'

const CAUGHT_UP_MS = 5_000

export interface Ask {
  given: NewRun
  command: Command
  located: Located
  /** The view that `located` counts in, and that the model is shown. */
  view: ContentView
  /** The run that broke off, with which this one goes on in the same suggestion. */
  resumes: RunRow | undefined
}

/**
 * Waits until the room has what the asking editor has. Throws `bad-request` for an unknown command
 * or a place that is gone, `unavailable` where the room does not get there.
 */
export async function readAsk(
  given: NewRun,
  { room, store, endpoint }: { room: Room; store: DocumentStore; endpoint: ModelEndpoint },
): Promise<Ask> {
  if (given.basis !== undefined) await waitFor(room, given.basis)
  const resumes = await broken(given, room, store)
  const end = resumes && endOfText(resumes, room)
  const ask = resumes
    ? asBefore(given, resumes)
    : given.again
      ? await askedAgain(given, room, store)
      : given
  // Text that broke off is gone on with where it ends; an edit, by what of it is left to do.
  const command = commandOf(end ? { ...ask, command: 'continue' } : ask, endpoint)
  const located = end ?? locateAsk(room, command, ask)
  if (!located) throw badRequest('The place in the document is gone. Choose another one.')
  return { given: ask, command, located, view: end ? 'accepted' : 'without', resumes }
}

/** Throws `bad-request` where there is no such command, or not here, or it lacks something. */
export function commandOf({ command: id, instruction }: NewRun, endpoint: ModelEndpoint): Command {
  const command = findCommand(id)
  if (!command) throw badRequest('There is no such command.')
  if (endpoint.builtIn && !command.builtIn) {
    throw badRequest('The built-in engine cannot do this. Connect a model to use it.')
  }
  if (command.instruction === 'required' && !instruction?.trim()) {
    throw badRequest('Say what the co-pilot should do.')
  }
  return command
}

/** The run to go on with; undefined where none is named. */
async function broken(
  { continues }: NewRun,
  room: Room,
  store: DocumentStore,
): Promise<RunRow | undefined> {
  if (continues === undefined) return undefined
  const old = await store.getRun(continues)
  if (!old || old.document !== room.id) throw badRequest('There is no such run to go on with.')
  if (old.endedAt === null) throw badRequest('That run is still at work.')
  return old
}

/** Where the text of a run ends; undefined for an edit, and where nothing of it is left. */
function endOfText(old: RunRow, room: Room): Located | undefined {
  if (findCommand(old.command)?.kind === 'edit') return undefined
  const cut = readProgress(old.progress)?.cut ?? null
  return room.reading.locateEnd(suggestionBy(old), cut)
}

function asBefore(ask: NewRun, { command, instruction, target }: RunRow): NewRun {
  return { ...ask, command, instruction, target: Target.parse(JSON.parse(target)) }
}

/** What a stale chunk's run was asked, for the text as it is now. */
async function askedAgain(ask: NewRun, room: Room, store: DocumentStore): Promise<NewRun> {
  const old = await store.getRun(suggestionOf(ask.again ?? ''))
  if (!old || old.document !== room.id) throw badRequest('There is no such suggestion.')
  const { command, instruction } = old
  const target = room.reading.presentTarget(ask.again ?? '')
  return { ...ask, command, instruction, ...(target && { target }) }
}

async function waitFor(room: Room, basis: string): Promise<void> {
  const signal = AbortSignal.timeout(CAUGHT_UP_MS)
  await room.caughtUp(Buffer.from(basis, 'base64url'), signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
    throw new GlossError('unavailable', 'the asking editor is ahead of the room', error)
  })
}

/** What is made of a selection stands below it, but for what goes on in its line. */
function locateAsk(room: Room, { kind, id }: Command, ask: NewRun): Located | undefined {
  if (ask.again !== undefined) return room.reading.locatePresent(ask.again)
  const located = room.reading.locate(ask.target)
  const last = located?.selection.at(-1)
  const goesOn = id === 'continue' || (id === 'ask' && 'at' in ask.target)
  if (!located || !last || kind !== 'insert' || goesOn || 'document' in ask.target) return located
  const below = room.reading.locate({ block: last.block })
  return below && { place: below.place, selection: located.selection }
}

function badRequest(sentence: string): GlossError {
  const error = new GlossError('bad-request', sentence)
  error.public = sentence
  return error
}
