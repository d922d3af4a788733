/** Asks are what people want of the co-pilot in a history: runs, stops, and decisions about them. */
import { $target } from '#client/editor/targets.ts'
import type { Page } from '#server/testing/history/hands/page.ts'
import { $select } from '#server/testing/history/hands/points.ts'
import type { Account } from '#server/testing/history/judging/account.ts'
import type { Request } from '#server/testing/history/script.ts'
import { GlossError } from '#shared/errors.ts'
import type { NewRun } from '#shared/protocol/api.ts'
import { DOCUMENT, patiently, type Stage } from './stage.ts'

interface Asked {
  number: number
  id: string
}

type OfRuns = Extract<Request, { do: 'ask' | 'stop' | 'continue' | 'reopen' }>
type OfChunks = Extract<Request, { do: 'decide' | 'decide-all' }>

export class Asks {
  readonly #stage: Stage
  readonly #account: Account
  readonly #asked: Asked[] = []
  #count = 0

  constructor(stage: Stage, account: Account) {
    this.#stage = stage
    this.#account = account
  }

  /** The number by which the model knows a run. */
  numberOf(run: number): number {
    return this.#runOf(run)?.number ?? -1
  }

  async perform(page: Page, instance: string, request: OfRuns): Promise<void> {
    const { runs } = this.#stage.instance(instance)
    const by = { id: page.name, name: page.name }
    const known = request.do === 'ask' ? undefined : this.#runOf(request.run)
    try {
      if (request.do === 'ask')
        return await this.#start(page, instance, this.#askOf(page, request), request.words)
      if (!known) return
      if (request.do === 'stop') {
        await patiently(runs.stop(DOCUMENT, known.id, by))
      } else if (request.do === 'continue') {
        const ask = {
          command: 'continue',
          continues: known.id,
          target: { document: true } as const,
        }
        await this.#start(page, instance, ask, 'und so weiter.')
      } else {
        const room = await this.#stage.room(instance)
        await patiently(room.decide({ suggestion: known.id, decision: 'reopen', by }))
      }
    } catch (error) {
      // What cannot be done is said in a sentence, and nothing else happens.
      if (!(error instanceof GlossError) || !MAY_BE_SAID.has(error.code)) throw error
    }
  }

  /** Decides what the page shows, by keys in the document as its cards do. */
  async decide(page: Page, request: OfChunks): Promise<void> {
    const shown = [...new Set(page.glyphs.flatMap(({ flag }) => (flag ? [flag.slice(4)] : [])))]
    if (request.do === 'decide') {
      const chunk = shown[request.chunk % Math.max(1, shown.length)]
      if (chunk) await page.decide([chunk], request.decision)
      return
    }
    const run = this.#runOf(request.run)
    const chunks = shown.filter((chunk) => run && chunk.startsWith(`${run.id}.`))
    if (chunks.length > 0) await page.decide(chunks, request.decision)
  }

  #runOf(run: number): Asked | undefined {
    return this.#asked[run % Math.max(1, this.#asked.length)]
  }

  #askOf(
    page: Page,
    { command, from, length }: Extract<Request, { do: 'ask' }>,
  ): Omit<NewRun, 'key'> {
    const { editor, text } = page
    if (!editor || !text) return { command, target: { document: true } }
    editor.update(() => void $select(from, length), { discrete: true })
    const { target, basis } = editor.getEditorState().read(() => $target(text.binding), { editor })
    return { command, target, basis }
  }

  async #start(
    page: Page,
    instance: string,
    ask: Omit<NewRun, 'key'>,
    words: string,
  ): Promise<void> {
    const { store, model } = this.#stage
    const number = ++this.#count
    const instruction = model.prepare(number, words)
    const document = await store.getDocument(DOCUMENT)
    const user = await store.getUser(page.name)
    if (!document || !user) return
    const { runs } = this.#stage.instance(instance)
    const { id } = await patiently(
      runs.start(document, user, { ...ask, instruction, key: `key ${number}` }),
    )
    const row = await store.getRun(id)
    if (row) this.#account.asked(id, row.client)
    this.#asked.push({ number, id })
  }
}

const MAY_BE_SAID: ReadonlySet<string> = new Set([
  'bad-request',
  'too-many',
  'conflict',
  'not-found',
])
