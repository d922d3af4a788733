/**
 * The server's own writes: a run's text, settling, repairing, and what Yjs tidies by itself. They
 * change the copy first, since only Yjs can turn a change into an update, and are committed one
 * at a time. Until then nobody may see them; when a commit fails, the copy is thrown away.
 */
import * as Y from 'yjs'
import type { Commit, CommitRefusal } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Committed } from './log-entry.ts'
import { COMMITTED, type Replica } from './replica.ts'

/** The owner of what the server writes that no run does. */
export const ROOM = 'room'

/** The Yjs origin of all that the server does to a document. */
export const ORIGIN = 'server'

export type Extras = Omit<Partial<Commit>, 'document' | 'epoch' | 'updates'>

/** What goes into the transaction with a change of the copy. */
export interface OwnWrite {
  /** A run's id, or `room`. */
  actor: string
  /** Asked once the change is made; `update` is what it came to. */
  extras?(update: Uint8Array | undefined): Extras
  /** The sockets may have it a moment later. */
  soon?: boolean
  /** It belongs to what was applied before it, and is sent with that. */
  answers?: boolean
  /** Told before the room is lost by it. */
  refused?(refusal: CommitRefusal): void
}

export interface OwnWritesDeps {
  doc: Y.Doc
  replica: Replica
  /** The copy cannot be trusted any more. */
  lost(error: GlossError): void
  /** Brings what the writes go by up to date; before each. */
  prepare(): Promise<void>
}

export class OwnWrites {
  readonly #doc: Y.Doc
  readonly #replica: Replica
  readonly #lost: (error: GlossError) => void
  readonly #prepare: () => Promise<void>
  #recording: Uint8Array[] | undefined
  #tidied: Uint8Array[] = []
  #uncommitted = 0
  #landed = 0
  readonly #whenClosed = Promise.withResolvers<void>()
  #whenCommitted: (() => void)[] = []
  #turn: Promise<unknown> = Promise.resolve()
  #registered = false
  #closed = false

  /** Yjs tidies formatting in transactions of its own, without an origin: those are ours too. */
  readonly #record = (update: Uint8Array) => {
    const list = this.#recording ?? this.#tidied
    list.push(update)
  }

  constructor({ doc, replica, lost, prepare }: OwnWritesDeps) {
    this.#doc = doc
    this.#replica = replica
    this.#lost = lost
    this.#prepare = prepare
    // Yjs encodes what a transaction did only where somebody listens. What is committed already
    // is not wanted again, and in a long text it would cost more than to apply it.
    this.#doc.on('afterTransactionCleanup', ({ origin }: Y.Transaction) => {
      if (origin === COMMITTED) this.#doc.off('update', this.#record)
      else this.#doc.on('update', this.#record)
    })
  }

  /** Whether the copy holds nothing uncommitted. */
  get isCommitted(): boolean {
    return this.#uncommitted === 0
  }

  /** Runs `act` when the copy holds nothing uncommitted: mostly at once. */
  whenCommitted(act: () => void): void {
    if (this.isCommitted) act()
    else this.#whenCommitted.push(act)
  }

  /**
   * Reads what the database says of what the copy says too. A write that has left and not arrived
   * is in no answer: it is waited for, and where one lands meanwhile the answer is too old.
   */
  async readSettled<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.whenCommitted(resolve)
      await Promise.race([promise, this.#whenClosed.promise])
      const landed = this.#landed
      const result = await read()
      const isSettled = this.#uncommitted === 0 && this.#landed === landed
      if (isSettled || this.#closed) return result
    }
  }

  /**
   * At its turn `act` changes the copy and says what belongs to it; nothing where there is
   * nothing to do. Resolves when that is committed and sent. Without a change of the copy a
   * refusal is an answer; with one it loses the room, and throws.
   */
  write(act: () => OwnWrite | undefined): Promise<Committed | CommitRefusal | undefined> {
    const done = this.#turn.then(() => this.#write(act))
    this.#turn = done.catch(() => undefined)
    return done
  }

  /**
   * Commits what Yjs has tidied while something was applied, and with it the room's answer to what
   * was applied, where there is one. True where an answer is on its way.
   */
  commitTidied(answer?: () => Extras): boolean {
    const tidied = this.#tidied.splice(0)
    if (tidied.length === 0) return false
    const write = { actor: ROOM, ...(answer && { extras: answer }), answers: answer !== undefined }
    this.#commit(Y.mergeUpdates(tidied), write).catch(() => undefined) // lost by then
    return answer !== undefined
  }

  /** Resolves when every write that was asked for has ended. */
  async idle(): Promise<void> {
    await this.#turn
  }

  close(): void {
    this.#closed = true
    this.#whenCommitted = []
    this.#whenClosed.resolve()
  }

  async #write(act: () => OwnWrite | undefined): Promise<Committed | CommitRefusal | undefined> {
    await this.#prepare()
    if (this.#closed) throw new GlossError('unavailable', 'the room is closed')
    const recorded: Uint8Array[] = []
    this.#recording = recorded
    let write: OwnWrite | undefined
    try {
      write = act()
    } catch (error) {
      // What an error has left on the copy cannot be taken back.
      if (recorded.length > 0) this.#lost(broken(error))
      throw error
    } finally {
      this.#recording = undefined
    }
    if (!write) {
      if (recorded.length > 0) this.#lost(broken('a change that nobody commits'))
      return undefined
    }
    const update = recorded.length > 0 ? Y.mergeUpdates(recorded) : undefined
    return await this.#commit(update, write)
  }

  #commit(
    update: Uint8Array | undefined,
    { actor, extras: extrasFor, soon = false, answers = false, refused }: OwnWrite,
  ): Promise<Committed | CommitRefusal | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Committed | CommitRefusal>()
    const extras = extrasFor?.(update) ?? {}
    // A repair mostly finds all flags true.
    if (!update && saysNothing(extras)) return Promise.resolve(undefined)
    const clients = [...(extras.clients ?? [])]
    if (update) {
      this.#uncommitted++
      if (!this.#registered) clients.push({ client: this.#doc.clientID, owner: ROOM })
    }
    this.#replica.submit({
      commit: {
        document: this.#replica.id,
        epoch: this.#replica.epoch,
        ...extras,
        updates: update ? [{ actor, data: update }] : [],
        ...(clients.length > 0 && { clients }),
      },
      applied: true,
      soon,
      answers,
      landed: (result) => {
        if (update) {
          this.#registered = true
          this.#nowCommitted()
        }
        resolve(result)
      },
      refused: (refusal) => {
        if (!update) return resolve(refusal)
        refused?.(refusal)
        const error = new GlossError('unavailable', `a write of the server’s: ${refusal}`)
        reject(error)
        this.#lost(error)
      },
      failed: (error) => {
        reject(error)
        if (update) this.#lost(error)
      },
    })
    return promise
  }

  #nowCommitted(): void {
    this.#landed++
    this.#uncommitted--
    if (this.#uncommitted > 0) return
    for (const act of this.#whenCommitted.splice(0)) act()
  }
}

const saysNothing = (extras: Extras): boolean =>
  Object.values(extras).every((part) => Array.isArray(part) && part.length === 0)

const broken = (cause: unknown) =>
  new GlossError('unavailable', 'a write of the server broke off', cause)
