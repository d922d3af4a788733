/**
 * A client of the sync socket that sends the frames it is told to and keeps all that it hears.
 * Unlike a provider it answers nothing by itself.
 */
import type WebSocket from 'ws'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { type Answer, decodeFrame, encodeFrame, type Frame } from '#shared/protocol/frame.ts'
import { endOf, opened } from './served.ts'

export class FrameClient {
  readonly socket: WebSocket
  readonly doc = new Y.Doc()
  readonly heard: Frame[] = []
  /** When each awareness frame came. */
  readonly awarenessAt: number[] = []
  /** Its close code, or the status that refused it. */
  readonly ended: Promise<number>

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.ended = endOf(socket)
    socket.on('message', (data: Buffer) => this.#hear(decodeFrame(data)))
  }

  /** Open, and silent. */
  static async open(socket: WebSocket): Promise<FrameClient> {
    const client = new FrameClient(socket)
    await opened(socket)
    return client
  }

  /** Open, with the document, and nothing of its own: what it sends now is numbered from 2. */
  static async joined(socket: WebSocket): Promise<FrameClient> {
    const client = await FrameClient.open(socket)
    const synced = client.next('sync-step-2')
    client.send({ kind: 'sync-step-1', stateVector: Y.encodeStateVector(client.doc) })
    await synced
    const acked = client.next('ack')
    client.send({ kind: 'sync-step-2', update: Y.encodeStateAsUpdate(new Y.Doc()) })
    await acked
    return client
  }

  get answers(): Answer[] {
    return this.heard.filter((frame) => frame.kind === 'ack' || frame.kind === 'nack')
  }

  /** How many of its messages are promised. */
  get acked(): number {
    return Math.max(0, ...this.answers.map((it) => (it.kind === 'ack' ? it.count : 0)))
  }

  get text(): string {
    return body(this.doc)
      .toString()
      .replace(/<[^>]*>/g, '')
  }

  send(frame: Frame): void {
    this.socket.send(encodeFrame(frame))
  }

  /** Writes behind the first paragraph's text and sends the update. */
  type(text: string): void {
    this.#edit((target) => target.insert(target.length, text))
  }

  /** Takes characters from the end of the first paragraph's text and sends the update. */
  erase(count: number): void {
    this.#edit((target) => target.delete(target.length - count, count))
  }

  /** The next frame of a kind. */
  next<K extends Frame['kind']>(kind: K): Promise<Extract<Frame, { kind: K }>> {
    return new Promise((resolve) => {
      const look = (data: Buffer) => {
        const frame = decodeFrame(data)
        if (frame.kind !== kind) return
        this.socket.off('message', look)
        resolve(frame as Extract<Frame, { kind: K }>)
      }
      this.socket.on('message', look)
    })
  }

  close(): void {
    this.socket.terminate()
  }

  #edit(act: (text: Y.XmlText) => void): void {
    const before = Y.encodeStateVector(this.doc)
    this.doc.transact(() => {
      const paragraph = body(this.doc).get(0)
      if (!(paragraph instanceof Y.XmlElement || paragraph instanceof Y.XmlText)) {
        throw new Error('the document has no paragraph')
      }
      act(textOf(paragraph))
    })
    this.send({ kind: 'update', update: Y.encodeStateAsUpdate(this.doc, before) })
  }

  #hear(frame: Frame): void {
    this.heard.push(frame)
    if (frame.kind === 'awareness') this.awarenessAt.push(performance.now())
    if (frame.kind === 'update' || frame.kind === 'sync-step-2') {
      Y.applyUpdate(this.doc, frame.update)
    }
  }
}

function textOf(paragraph: Y.XmlElement | Y.XmlText): Y.XmlText {
  if (paragraph instanceof Y.XmlText) return paragraph
  const first = paragraph.get(0)
  if (first instanceof Y.XmlText) return first
  const text = new Y.XmlText()
  paragraph.insert(0, [text])
  return text
}
