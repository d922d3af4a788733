/**
 * A meeting, for tests of edits that meet: two people with real editors in one document, and as many
 * runs as a test asks for, each with the translator of server/ai for the text as it was when it was
 * asked.
 */
import * as L from 'lexical'
import { findCommand } from '#server/ai/commands.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { prepare } from '#server/ai/prepare.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { blockText } from '#shared/document/blocks.ts'
import { exportBlocks } from '#shared/document/export.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import type { ContentView } from '#shared/protocol/api.ts'
import { Person } from './editors.ts'
import { Star } from './star.ts'

const HOSTS = new Set(['a.b'])

export class Meeting {
  readonly star: Star
  readonly ada: Person
  readonly ben: Person
  #runs = 0

  constructor(markdown: string) {
    const stream = new MarkdownStream(HOSTS)
    this.star = new Star(firstContent([...stream.push(markdown), ...stream.end()]).update)
    const join = (name: string, client: number) =>
      this.star.join((content, send) => new Person(name, { client, content, send }))
    this.ada = join('ada', 101)
    this.ben = join('ben', 102)
  }

  /** A run asks now; what it answers comes when the test says so. */
  ask(command: string, { first = 0, last = 99 } = {}) {
    const suggestion = `s${++this.#runs}`
    const blocks = readBlocks(this.star.doc, 'without', ownsBy(this.star.suggestions))
    const translator = prepare({
      command: findCommand(command)!,
      instruction: 'as it should be',
      blocks,
      selection: blocks
        .slice(first, last + 1)
        .map((block) => ({ block: block.id, from: 0, to: blockText(block).length })),
      inLine: false,
      endpoint: { contextTokens: 32_000 },
      maxOutputTokens: 4_000,
    }).translator
    const pen = this.star.run(suggestion, 1000 + this.#runs, { kind: 'edit' })
    const say = (text: string, size = 4) => {
      for (let at = 0; at < text.length; at += size) {
        this.star.write(pen, translator.push(text.slice(at, at + size)))
      }
      this.star.quiet()
    }
    const end = () => {
      this.star.write(pen, translator.end())
      this.star.end(pen)
      this.star.quiet()
    }
    const answer = (text: string) => {
      say(text)
      end()
    }
    return { suggestion, say, end, answer }
  }

  text(view: ContentView = 'without'): string {
    const { doc, suggestions } = this.star
    return exportBlocks(readBlocks(doc, view, ownsBy(suggestions, view)), 'markdown')
  }

  /** The states of all chunks that are there, `s1.1 open`. */
  get states(): string[] {
    return this.star.suggestions
      .list()
      .flatMap(({ chunks }) => chunks.map(({ id, state }) => `${id} ${state}`))
  }

  decide(person: Person, chunk: string, decision: 'accepted' | 'rejected'): void {
    person.decide(chunk, decision)
    this.star.quiet()
  }

  /** Somebody writes behind `part`, or in front of it where `at` is 0. */
  type(person: Person, part: string, typed: string, at = part.length): void {
    person.edit(() => {
      const { text, offset } = $find(part)
      text.select(offset + at, offset + at).insertText(typed)
    })
    this.star.quiet()
  }

  erase(person: Person, part: string): void {
    person.edit(() => {
      const { text, offset } = $find(part)
      text.select(offset, offset + part.length).removeText()
    })
    this.star.quiet()
  }

  replace(person: Person, part: string, typed: string): void {
    person.edit(() => {
      const { text, offset } = $find(part)
      text.select(offset, offset + part.length).insertText(typed)
    })
    this.star.quiet()
  }

  /** Selects from one part to another, whatever stands between, and types. */
  rewrite(person: Person, from: string, to: string, typed: string): void {
    person.edit(() => {
      const [first, last] = [$find(from), $find(to)]
      const selection = first.text.select(first.offset, first.offset)
      selection.focus.set(last.text.getKey(), last.offset + to.length, 'text')
      selection.insertText(typed)
    })
    this.star.quiet()
  }

  close(): void {
    this.star.close()
  }
}

function $find(part: string): { text: L.TextNode; offset: number } {
  for (const text of L.$getRoot().getAllTextNodes()) {
    const offset = text.getTextContent().indexOf(part)
    if (offset >= 0) return { text, offset }
  }
  throw new Error(`"${part}" is nowhere`)
}
