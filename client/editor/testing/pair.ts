/** Two editors on two documents, joined as the socket would join them. For tests. */
import { createHeadlessEditor } from '@lexical/headless'
import { $getRoot, type LexicalEditor } from 'lexical'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { type Collaboration, collaborate, isCarrying } from '../collaboration.ts'
import { NODES } from '../nodes.ts'
import { providerOf, type SharedAwareness } from '../presence.ts'

/** The origin of what comes from the other side. */
export const NET = 'net'

export interface Side {
  doc: Y.Doc
  editor: LexicalEditor
  text: Collaboration
  /** Updates that this side has sent. */
  sent: Uint8Array[]
  broken: unknown[]
  write(change: () => void): void
  read<T>(look: () => T): T
  content(): string
}

/** A document as the server makes it: `paragraphs`, each of one text. */
export function seededDoc(...paragraphs: string[]): Y.Doc {
  const doc = new Y.Doc()
  body(doc).insert(
    0,
    paragraphs.map((words) => {
      const paragraph = new Y.XmlElement('paragraph')
      const text = new Y.XmlText()
      text.insert(0, words)
      paragraph.insert(0, [text])
      return paragraph
    }),
  )
  return doc
}

export function openSide(
  from: Y.Doc,
  {
    canWrite = true,
    editor,
    awareness,
    onLostDecision,
  }: {
    canWrite?: boolean
    editor?: LexicalEditor
    awareness?: SharedAwareness
    onLostDecision?: (chunks: readonly string[]) => void
  } = {},
): Side {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(from), NET)
  const broken: unknown[] = []
  const sent: Uint8Array[] = []
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== NET) sent.push(update)
  })
  const own: LexicalEditor = editor ?? createHeadlessEditor({ nodes: [...NODES], onError })
  function onError(error: Error): void {
    if (!isCarrying(own)) throw error
    broken.push(error)
  }
  const text = collaborate({
    editor: own,
    doc,
    presence: providerOf(awareness ?? silent(doc.clientID)),
    canWrite: () => canWrite && broken.length === 0,
    onBroken: (error) => broken.push(error),
    ...(onLostDecision && { onLostDecision }),
  })
  return {
    doc,
    editor: own,
    text,
    sent,
    broken,
    write: (change) => own.update(change, { discrete: true }),
    read: (look) => own.getEditorState().read(look),
    content: () => own.getEditorState().read(() => $getRoot().getTextContent()),
  }
}

/** What each side sends reaches the others at once. */
export function join(...sides: Side[]): void {
  for (const side of sides) {
    side.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === NET) return
      for (const other of sides) if (other !== side) Y.applyUpdate(other.doc, update, NET)
    })
  }
}

function silent(clientID: number): SharedAwareness {
  const ignore = () => undefined
  return {
    clientID,
    getLocalState: () => null,
    setLocalState: ignore,
    setLocalStateField: ignore,
    getStates: () => new Map(),
    on: ignore,
    off: ignore,
  }
}
