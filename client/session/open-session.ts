/** Opens a document in this tab. Resolves when there is something to show: from here or from there. */
import { uuidv4 } from 'lib0/random'
import * as Y from 'yjs'
import { exportBlocks } from '#shared/document/export.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body, decisionKey, decisionMap, SCHEMA_VERSION } from '#shared/document/shape.ts'
import type { LinkRole, NewRun, Role, Session } from '#shared/protocol/api.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { ApiProblem, api, type OneDocument } from './api.ts'
import { Cards } from './cards.ts'
import { type ConnectionState, steady } from './connection.ts'
import { type DeviceCopy, openDeviceCopy } from './device.ts'
import type { DocumentSession } from './document-session.ts'
import { doubt } from './doubt.ts'
import { downloadText } from './download.ts'
import { forgetMe, whenForgotten } from './forget-me.ts'
import { fillGaps } from './gaps.ts'
import { Gate } from './gate.ts'
import { fromBase64, type Lane, openLane } from './lane.ts'
import { Ledger } from './ledger.ts'
import { type News, watchNews } from './news.ts'
import { participantStore } from './participants.ts'
import type { Roads } from './roads.ts'
import { openSocket } from './socket.ts'
import { createStore } from './store.ts'
import { DiffersFromServer, watch } from './watchdog.ts'

const TICK_MS = 500

/** Throws ApiProblem where there is no such document for this person. */
export async function openSession(id: string): Promise<DocumentSession> {
  const me = await api.signIn()
  const info = await api.document(id)
  const doc = new Y.Doc()
  const device = await openDeviceCopy(me.id, id, doc)
  const session = new OpenSession(id, me, info, doc, device)
  try {
    await session.start()
  } catch (problem) {
    session.close()
    throw problem
  }
  return session
}

class OpenSession implements DocumentSession {
  readonly id: string
  readonly doc: Y.Doc
  readonly me
  readonly info
  readonly role
  readonly connection = createStore<ConnectionState>({ kind: 'connecting' })
  readonly participants
  readonly suggestions
  readonly socketProvider
  readonly gate: Gate
  readonly #device: DeviceCopy
  readonly #ledger = new Ledger()
  readonly #cards: Cards
  readonly #ends: (() => void)[] = []
  readonly #news: News
  readonly #roads: Roads
  /** Of the history that this tab holds. */
  readonly #epoch: number
  #lane: Lane | undefined
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
    // Before the socket listens: an edit is in the ledger when the message that carries it goes out.
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin === this.socketProvider || origin === device.origin) return
      ledger.edited(Date.now())
      this.#tell()
    })
    const url = `${location.origin.replace(/^http/, 'ws')}/sync`
    const { provider, roads } = openSocket(url, id, doc, info.epoch, {
      connecting: () => ledger.connected(),
      sentUpdate: () => ledger.sentUpdate(),
      sentAll: () => ledger.sentAll(Date.now()),
      acknowledged: (count) => {
        ledger.acknowledged(count)
        this.#tell()
      },
      refused: (code) => this.#refuse(code),
      notTaken: (message, code) => this.#notTaken(message, code),
      received: (update) => this.gate.apply(update),
    })
    this.socketProvider = provider
    this.#roads = roads
    this.gate = new Gate(doc, this.socketProvider, (error) => this.#freeze(error))
    this.participants = participantStore(this.socketProvider.awareness)
    this.#news = watchNews(id, this.socketProvider.awareness, {
      info: (info) => this.#learn(info),
      mayNotRead: (code) => this.gate.broken || this.#refuse(code),
    })
    this.#cards = new Cards(doc, () => this.me.get().id)
    this.suggestions = this.#cards.store
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
      this.#tell()
    })
    socketProvider.on('connection-close', () => this.#news.look())
    const timer = setInterval(() => this.#tick(), TICK_MS)
    this.#ends.push(() => clearInterval(timer))
    this.#ends.push(watch(this))
    this.#ends.push(doubt(socketProvider, () => this.#ledger.since))
    const gone = () => this.#goAsNobody().catch(() => location.assign('/'))
    this.#ends.push(whenForgotten(this.me.get().id, gone))
    addEventListener('beforeunload', this.#beforeUnload)
    this.#ends.push(() => removeEventListener('beforeunload', this.#beforeUnload))

    this.#openLane()
    this.#loadRuns()
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

  async changeMe(set: { name: string; color: string }): Promise<void> {
    this.me.set(await api.changeSession(set))
  }
  async rename(title: string): Promise<void> {
    this.info.set(await api.changeDocument(this.id, { title }))
    this.#news.tell()
  }
  async share(linkRole: LinkRole): Promise<void> {
    this.info.set(await api.changeDocument(this.id, { linkRole }))
    this.#news.tell()
  }
  async startRun(ask: Omit<NewRun, 'key'>) {
    const run = await api.startRun(this.id, { ...ask, key: uuidv4() })
    this.#cards.load([run])
    return run
  }
  async stopRun(run: string): Promise<void> {
    this.#cards.load([await api.stopRun(this.id, run)])
  }
  async continueRun(run: string): Promise<void> {
    await this.startRun({ command: 'continue', continues: run, target: { document: true } })
    this.#cards.dismiss(run)
  }
  decide(chunks: readonly string[], decision: 'accepted' | 'rejected'): void {
    if (this.role.get() === 'viewer' || chunks.length === 0) return
    const user = this.me.get().id
    this.#undoScope(() => {
      for (const chunk of chunks) {
        decisionMap(this.doc).set(decisionKey(chunk, user), { decision, at: Date.now() })
      }
    })
  }
  dismiss(suggestion: string): void {
    this.#cards.dismiss(suggestion)
  }
  downloadCopy(): void {
    const { title } = this.info.get()
    const text = exportBlocks(readBlocks(this.doc, 'inline'), 'markdown', { title })
    downloadText(`${title}.md`, text)
  }

  async forgetMe(): Promise<void> {
    await forgetMe(this.me.get().id)
    await this.#goAsNobody()
  }

  async startOver(): Promise<void> {
    await this.#device.forget()
    removeEventListener('beforeunload', this.#beforeUnload)
    location.reload()
  }

  async restore(): Promise<void> {
    await api.restoreDocument(this.id)
    // What is not saved yet comes along on this device; where it cannot, the browser asks.
    if (this.#device.keeps) removeEventListener('beforeunload', this.#beforeUnload)
    location.reload()
  }

  /** What is kept of this document goes too, though it is open here. */
  async #goAsNobody(): Promise<void> {
    this.socketProvider.disconnect()
    await this.#device.forget()
    removeEventListener('beforeunload', this.#beforeUnload)
    location.assign('/')
  }

  close(): void {
    for (const end of this.#ends) end()
    this.#news.close()
    this.#lane?.close()
    this.#cards.close()
    this.#roads.close()
    this.socketProvider.destroy()
    this.#device
      .close()
      .catch(() => undefined)
      .finally(() => this.doc.destroy())
  }

  /** Stops everything that leaves this tab; what it holds can still be read and downloaded. */
  #freeze(error: unknown): void {
    this.#differs = error instanceof DiffersFromServer
    this.socketProvider.disconnect()
    this.#lane?.close()
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
    if (code === CLOSE.restored) this.#lane?.close()
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

  #openLane(): void {
    this.#lane = openLane(`/api/documents/${this.id}/events`, {
      reset: () => this.#loadRuns(),
      event: (event) => {
        if (event.type === 'run.delta') this.gate.apply(fromBase64(event.update))
        this.#cards.hear(event)
      },
    })
    this.#ends.push(fillGaps(this.socketProvider))
  }

  #loadRuns(): void {
    api.runs(this.id).then(
      (runs) => this.#cards.load(runs),
      () => undefined, // the co-pilot is off, or the lane will say
    )
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

  readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
    const { kind } = this.connection.get()
    const kept = this.#device.keeps && kind !== 'refused' && kind !== 'frozen'
    if (this.#ledger.unsaved > 0 && !kept) event.preventDefault()
  }
}

const OUTDATED = {
  status: 0,
  type: '/problems/outdated',
  title: 'Outdated',
  detail: 'This page is older than the document.',
}

/** What the editor may use beyond what the page does. */
export type EditorSession = Pick<
  OpenSession,
  'doc' | 'gate' | 'socketProvider' | 'setUndoScope' | 'me'
>

/** The editor's view of a session: an `openSession` result is always one. */
export function editorSession(session: DocumentSession): EditorSession {
  if (!(session instanceof OpenSession)) throw new Error('not a session of openSession')
  return session
}
