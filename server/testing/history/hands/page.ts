/** Page is one person's editor as the page binds it, without a screen, and its connection. */

import { createHeadlessEditor } from '@lexical/headless'
import type { LexicalEditor } from 'lexical'
import * as Y from 'yjs'
import { type Collaboration, collaborate, isCarrying } from '#client/editor/collaboration.ts'
import { NODES } from '#client/editor/nodes.ts'
import { announce, providerOf, type SharedAwareness } from '#client/editor/presence.ts'
import { registerRules } from '#client/editor/rules.ts'
import { decide } from '#client/session/meet/decide.ts'
import { type Glyph, glyphsOf } from '#server/testing/history/judging/glyphs.ts'
import { clock } from '#server/testing/history/world/determinism.ts'
import { Person } from '#server/testing/person.ts'

import { viewOf } from './view.ts'

export class Page {
  readonly name: string
  readonly line: Person
  /** What parted this editor from the document. */
  readonly errors: unknown[] = []
  /** What a gesture threw. */
  readonly slips: unknown[] = []
  /** What the binding wrote although its person did nothing. */
  echoes: Uint8Array[] = []
  /** All that this page has sent of its own accord or its person's. */
  written = 0
  editor: LexicalEditor | undefined
  text: Collaboration | undefined
  /** Wanted on the network; a server that is away changes nothing of that. */
  online = true
  #acting = false
  #stop: () => void = () => undefined

  constructor(name: string, incarnation: number, client: number) {
    this.name = name
    this.line = new Person({ id: name, name, color: '#222222' }, true, `${name}-${incarnation}`)
    this.line.doc.clientID = client
    this.line.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === FROM_ROOM) return
      // Yjs takes needless markers away by itself: deletions, the same ones on every page.
      if (origin === null) return
      this.written++
      if (!this.#acting) this.echoes.push(update)
    })
  }

  get doc(): Y.Doc {
    return this.line.doc
  }

  get glyphs(): Glyph[] {
    return glyphsOf(this.doc)
  }

  /** What the editor shows, in one readable line a block. */
  get view(): string {
    return this.editor ? viewOf(this.editor) : ''
  }

  /** Opens the editor on the document, which has arrived. */
  open(): void {
    const { doc, errors, slips } = this
    const editor: LexicalEditor = createHeadlessEditor({
      namespace: this.name,
      nodes: [...NODES],
      onError: (error) => {
        // Lexical takes back an update of the person's own that throws: nothing has happened.
        if (isCarrying(editor)) errors.push(error)
        else slips.push(error)
      },
    })
    // At a text's edges Lexical asks the window for a selection, and goes by its own where there is none.
    editor._window = {} as Window & typeof globalThis
    // Nothing is ever mounted: who waits for that waits for good.
    Object.assign(editor, {
      registerRootListener: () => () => undefined,
      getRootElement: () => null,
    })
    this.editor = editor
    const rules = registerRules(editor)
    announce(this.line.awareness, this.line.user)
    this.text = collaborate({
      editor,
      doc,
      user: this.line.user.id,
      presence: providerOf(alone(this.line.awareness)),
      canWrite: () => errors.length === 0,
      onBroken: (error) => errors.push(error),
    })
    this.#stop = rules
  }

  /** What happens here, and what the editor makes of it at once, is its person's doing. */
  async act(change: () => void): Promise<void> {
    this.#acting = true
    try {
      change()
      await clock.settle()
    } finally {
      this.#acting = false
    }
  }

  /** Acts, and gives the characters after each step that was written to the document. */
  async stepsOf(change: () => void): Promise<Glyph[][]> {
    const steps: Glyph[][] = []
    const note = (_: unknown, origin: unknown) => {
      if (origin !== FROM_ROOM && origin !== null) steps.push(this.glyphs)
    }
    this.doc.on('update', note)
    await this.act(change)
    this.doc.off('update', note)
    return steps
  }

  decide(chunks: readonly string[], decision: 'accepted' | 'rejected'): Promise<void> {
    return this.act(() => this.text?.step(() => decide(this.doc, chunks, this.name, decision)))
  }

  close(): void {
    this.line.disconnect()
    this.#stop()
    this.text?.close()
    this.doc.destroy()
  }
}

/** The view of an editor that is opened on the same document just now. */
export function freshView(content: Uint8Array): string {
  const page = new Page('fresh', 0, 1)
  Y.applyUpdate(page.doc, content, FROM_ROOM)
  page.open()
  const { view, errors } = page
  page.close()
  if (errors.length > 0) throw errors[0]
  return view
}

const FROM_ROOM = 'room'

/** Others' carets are drawn on a screen, of which there is none. */
function alone(awareness: SharedAwareness): SharedAwareness {
  const { clientID } = awareness
  return {
    clientID,
    getLocalState: () => awareness.getLocalState(),
    setLocalState: (state) => awareness.setLocalState(state),
    setLocalStateField: (field, value) => awareness.setLocalStateField(field, value),
    getStates: () => new Map([[clientID, awareness.getLocalState() ?? {}]]),
    on: (type, listener) => awareness.on(type, listener),
    off: (type, listener) => awareness.off(type, listener),
  }
}
