/**
 * One document at work in this tab: what is typed goes out and is accounted for, what others do
 * comes in through the gate, and what the server says of it all decides whether it goes on.
 */
import type * as Y from 'yjs'
import { body, SCHEMA_VERSION } from '#shared/document/shape.ts'
import type { LinkRole, NewRun, Role, RunInfo, Session } from '#shared/protocol/api.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { ApiProblem, api, type OneDocument, OUTDATED } from './api.ts'
import { type ConnectionState, steady } from './connection.ts'
import type { DeviceCopy } from './device.ts'
import type { DocumentSession } from './document-session.ts'
import { doubt } from './doubt.ts'
import { downloadDocument } from './download.ts'
import { forgetMe, whenForgotten } from './forget-me.ts'
import { fillGaps } from './gaps.ts'
import { Gate } from './gate.ts'
import { Ledger } from './ledger.ts'
import { decide } from './meet/decide.ts'
import { type News, watchNews } from './news.ts'
import { EditJournal } from './offline/edit-journal.ts'
import { participantStore } from './participants.ts'
import type { Roads } from './roads.ts'
import { Runs } from './runs.ts'
import { openSocket } from './socket.ts'
import { createStore } from './store.ts'
import { DiffersFromServer, watch } from './watchdog.ts'
import { WaysOut } from './ways-out.ts'

const TICK_MS = 500

export class TabSession implements DocumentSession {
  readonly id: string
  readonly doc: Y.Doc
  readonly me
  readonly info
  readonly role
  readonly connection = createStore<ConnectionState>({ kind: 'connecting' })
  readonly participants
  readonly suggestions
  readonly lostDecision
  readonly socketProvider
  readonly gate: Gate
  readonly #device: DeviceCopy
  readonly #ledger = new Ledger()
  readonly #journal: EditJournal
  readonly #runs: Runs
  readonly #waysOut: WaysOut
  readonly #ends: (() => void)[] = []
  readonly #news: News
  readonly #roads: Roads
  /** Of the history that this tab holds. */
  readonly #epoch: number
  #synced = false
  #refused: number | undefined
  #lost: number | undefined
  #differs = false
  #undoScope = (change: () => void) => this.doc.transact(change, 'decision')

  constructor(id: string, me: Session, info: OneDocument, doc: Y.Doc, device: DeviceCopy) {
    this.id = id
    this.doc = doc
    this.#device = device
    this.#epoch = info.epoch
    this.me = createStore(me)
    this.info = createStore(info)
    this.role = createStore<Role>(info.role)
    const ledger = this.#ledger
    this.#journal = new EditJournal(device.edits, doc.clientID, device.kept)
    for (const kept of device.kept) {
      this.#journal.had(ledger.edited(Date.now(), kept.update), kept)
    }
    // Before the socket listens: an edit is in the ledger when the message that carries it goes out.
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this.socketProvider || origin === device.origin) return
      const edit = ledger.edited(Date.now(), update)
      const { wsconnected, synced } = this.socketProvider
      this.#journal.made(edit, wsconnected && synced)
      this.#tell()
    })
    const url = `${location.origin.replace(/^http/, 'ws')}/sync`
    const { provider, roads } = openSocket(url, id, doc, info.epoch, {
      connecting: () => ledger.connected(),
      newest: () => ledger.newest,
      sentUpdate: (newest) => ledger.sentUpdate(newest),
      sentAll: (newest) => ledger.sentAll(Date.now(), newest),
      sentNothing: () => ledger.sentNothing(),
      waiting: () => ledger.waiting,
      acknowledged: (count) => {
        this.#journal.acknowledged(ledger.acknowledged(count))
        this.#tell()
      },
      refused: (code) => this.#refuse(code),
      notTaken: (message, code) => this.#notTaken(message, code),
      received: (update) => this.gate.apply(update),
      receivedAll: (update) => this.gate.applyNow(update),
    })
    this.socketProvider = provider
    this.#roads = roads
    this.gate = new Gate(doc, this.socketProvider, (error) => this.#freeze(error))
    this.participants = participantStore(this.socketProvider.awareness)
    this.#news = watchNews(id, this.socketProvider.awareness, {
      info: (info) => this.#learn(info),
      mayNotRead: (code) => this.gate.broken || this.#refuse(code),
    })
    const { me: mine, participants, gate } = this
    this.#runs = new Runs({ id, doc, me: () => mine.get().id, participants, gate })
    this.suggestions = this.#runs.cards
    this.lostDecision = this.#runs.lostDecisions.told
    this.#waysOut = new WaysOut({ device, loses: () => this.#loses() })
  }

  /** Resolves with the first content, wherever it comes from. Throws what the server says. */
  async start(): Promise<void> {
    const { schema, epoch } = this.info.get()
    if (schema > SCHEMA_VERSION) {
      // There is nothing to show but what this device has kept.
      if (body(this.doc).length === 0) throw new ApiProblem(OUTDATED)
      return this.#outdated()
    }
    if ((this.#device.epoch ?? epoch) !== epoch) return this.#refuse(CLOSE.restored)
    await this.#device.keepEpoch(epoch)
    const { socketProvider } = this
    socketProvider.on('sync', (synced) => {
      if (synced) this.#synced = true
      this.#tell()
    })
    socketProvider.on('status', ({ status }) => {
      this.#lost = status === 'connected' ? undefined : (this.#lost ?? Date.now())
      if (status !== 'connected') this.#journal.keepAll()
      this.#tell()
    })
    socketProvider.on('connection-close', () => this.#news.look())
    const timer = setInterval(() => this.#tick(), TICK_MS)
    this.#ends.push(() => clearInterval(timer))
    this.#ends.push(watch(this))
    this.#ends.push(doubt(socketProvider, () => this.#ledger.since))
    const gone = () => this.#goAsNobody().catch(() => location.assign('/'))
    this.#ends.push(whenForgotten(this.me.get().id, gone))
    this.#waysOut.watch()
    const keepAll = () => this.#journal.keepAll()
    addEventListener('pagehide', keepAll)
    this.#ends.push(() => removeEventListener('pagehide', keepAll))
    this.#ends.push(fillGaps(socketProvider))

    this.#runs.follow()
    const content = new Promise<void>((resolve) => {
      const look = () => {
        if (!this.#synced && body(this.doc).length === 0) return
        socketProvider.off('sync', look)
        resolve()
      }
      socketProvider.on('sync', look)
      look()
    })
    socketProvider.connect()
    await content
    this.#tell()
  }

  /** What the editor's undo has to know of: decisions are taken back like everything else. */
  setUndoScope(scope: (change: () => void) => void): void {
    this.#undoScope = scope
  }

  /** Undo has come to a decision on these chunks that somebody else had made first. */
  tellLostDecision(chunks: readonly string[]): void {
    this.#runs.lostDecisions.tellAgain(chunks)
  }

  async changeMe(set: { name: string; color: string }): Promise<void> {
    this.me.set(await api.changeSession(set))
  }
  rename = (title: string): Promise<void> => this.#changeInfo({ title })
  share = (linkRole: LinkRole): Promise<void> => this.#changeInfo({ linkRole })
  startRun(ask: Omit<NewRun, 'key'>): Promise<RunInfo> {
    return this.#runs.start(ask)
  }
  stopRun(run: string): Promise<void> {
    return this.#runs.stop(run)
  }
  continueRun(run: string): Promise<void> {
    return this.#runs.continue(run)
  }
  askAgain = (chunk: string): Promise<void> => this.#runs.askAgain(chunk)
  decide(chunks: readonly string[], decision: 'accepted' | 'rejected'): void {
    if (this.role.get() === 'viewer' || chunks.length === 0) return
    const user = this.me.get().id
    this.#undoScope(() => decide(this.doc, chunks, user, decision))
  }
  dismiss(suggestion: string): void {
    this.#runs.dismiss(suggestion)
  }
  downloadCopy(): void {
    downloadDocument(this.doc, this.info.get().title)
  }

  async #changeInfo(set: { title: string } | { linkRole: LinkRole }): Promise<void> {
    this.info.set(await api.changeDocument(this.id, set))
    this.#news.tell()
  }

  async forgetMe(): Promise<void> {
    await forgetMe(this.me.get().id)
    await this.#goAsNobody()
  }

  startOver(): Promise<void> {
    return this.#waysOut.startOver()
  }

  async restore(): Promise<void> {
    await api.restoreDocument(this.id)
    this.#waysOut.comeAgain()
  }

  /** What is kept of this document goes too, though it is open here. */
  #goAsNobody(): Promise<void> {
    this.socketProvider.disconnect()
    return this.#waysOut.goHome()
  }

  close(): void {
    for (const end of this.#ends) end()
    this.#news.close()
    this.#waysOut.close()
    this.#runs.close()
    this.gate.close()
    this.#roads.close()
    this.socketProvider.destroy()
    this.#journal.keepAll()
    this.#device
      .close()
      .catch(() => undefined)
      .finally(() => this.doc.destroy())
  }

  /** Stops everything that leaves this tab; what it holds can still be read and downloaded. */
  #freeze(error: unknown): void {
    this.#differs = error instanceof DiffersFromServer
    this.socketProvider.disconnect()
    this.#runs.unfollow()
    this.#tell()
  }

  #outdated(): void {
    this.socketProvider.disconnect()
    this.connection.set({ kind: 'outdated' })
  }

  #refuse(code: number): void {
    if (this.#refused !== undefined) return
    this.#refused = code
    this.socketProvider.disconnect()
    const gone = code === CLOSE.gone || code === CLOSE.notAllowed
    if (gone && this.#ledger.unsaved === 0) this.#device.forget().catch(() => undefined)
    if (code === CLOSE.notAllowed) this.role.set('viewer')
    // What the co-pilot writes from now on belongs to another history.
    if (code === CLOSE.restored) this.#runs.unfollow()
    this.#tell()
  }

  /** Who may only read goes on reading; anything else that is not taken would come again. */
  #notTaken(message: number, code: number): void {
    this.#ledger.refused(message, Date.now())
    if (code !== CLOSE.notAllowed) return this.#refuse(code)
    this.#news.look()
    this.role.set('viewer')
    this.#tell()
  }

  #learn(info: OneDocument): void {
    if (this.#refused !== undefined || this.gate.broken) return
    const mayAgain = this.role.get() === 'viewer' && info.role !== 'viewer'
    if (JSON.stringify(info) !== JSON.stringify(this.info.get())) this.info.set(info)
    this.role.set(info.role)
    if (info.epoch !== this.#epoch) return this.#refuse(CLOSE.restored)
    if (info.schema > SCHEMA_VERSION) return this.#outdated()
    if (mayAgain && this.#ledger.unsaved > 0) {
      // Another connection begins with everything that the server lacks.
      this.socketProvider.disconnect()
      this.socketProvider.connect()
    }
    this.#tell()
  }

  #tick(): void {
    const { kind } = this.connection.get()
    if (kind !== 'saved' && kind !== 'refused' && kind !== 'frozen') this.#tell()
  }

  #tell(): void {
    this.connection.set(steady(this.connection.get(), this.#state(), Date.now()))
  }

  #state(): ConnectionState {
    const { unsaved, since } = this.#ledger
    if (this.gate.broken) return { kind: 'frozen', ...(this.#differs && { differs: true }) }
    if (this.connection.get().kind === 'outdated') return { kind: 'outdated' }
    if (this.#refused !== undefined) return { kind: 'refused', code: this.#refused, unsaved }
    if (this.role.get() === 'viewer' && unsaved > 0) {
      return { kind: 'refused', code: CLOSE.notAllowed, unsaved }
    }
    const { wsconnected, synced } = this.socketProvider
    if (wsconnected && synced) {
      const basic = this.#roads.road === 'http' && { basic: true as const }
      return since === undefined ? { kind: 'saved', ...basic } : { kind: 'saving', since, ...basic }
    }
    const lost = this.#lost === undefined ? 0 : Date.now() - this.#lost
    if (!this.#synced && lost < 3_000) return { kind: 'connecting' }
    if (unsaved === 0 && lost < 3_000) return { kind: 'reconnecting' }
    return { kind: 'offline', edits: unsaved, device: this.#device.keeps }
  }

  #loses(): boolean {
    const { kind } = this.connection.get()
    const kept = this.#device.keeps && kind !== 'refused' && kind !== 'frozen'
    return this.#ledger.unsaved > 0 && !kept
  }
}
