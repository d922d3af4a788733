/**
 * What is asked of the store for everybody who comes: who they are, and the document they want.
 * While one question is under way, the next ones are gathered into one, so that a crowd costs few
 * round trips. Every answer was read after it was asked for: nobody gets in by an old right.
 */
import type { DocumentRow, DocumentStore, UserRow } from '#server/store/document-store.ts'

/** How many names one question may hold. */
const MOST = 1_000
/** What a document may be called: nothing else is asked for. */
const DOCUMENT = /^[A-Za-z0-9_-]{1,64}$/

type Rows = Awaited<ReturnType<DocumentStore['lookUp']>>

export interface Both {
  user: UserRow | undefined
  document: DocumentRow | undefined
}

class Question {
  readonly users = new Set<string>()
  readonly documents = new Set<string>()
  readonly #answer = Promise.withResolvers<Rows>()

  get full(): boolean {
    return this.users.size + this.documents.size >= MOST
  }

  get answer(): Promise<Rows> {
    return this.#answer.promise
  }

  /** Resolves when it is answered, or has failed: those who asked are told. */
  async ask(store: Pick<DocumentStore, 'lookUp'>): Promise<void> {
    const { resolve, reject } = this.#answer
    const { users, documents } = this
    await store.lookUp({ users: [...users], documents: [...documents] }).then(resolve, reject)
  }
}

export class LookUps {
  readonly #store: Pick<DocumentStore, 'lookUp'>
  #waiting: Question[] = []
  #asking = false

  constructor(store: Pick<DocumentStore, 'lookUp'>) {
    this.#store = store
  }

  async user(id: string): Promise<UserRow | undefined> {
    const question = this.#next()
    question.users.add(id)
    return (await question.answer).users.get(id)
  }

  async document(id: string): Promise<DocumentRow | undefined> {
    if (!DOCUMENT.test(id)) return undefined
    const question = this.#next()
    question.documents.add(id)
    return (await question.answer).documents.get(id)
  }

  /** Both in one question. */
  async both(user: string, document: string): Promise<Both> {
    const question = this.#next()
    question.users.add(user)
    if (DOCUMENT.test(document)) question.documents.add(document)
    const { users, documents } = await question.answer
    return { user: users.get(user), document: documents.get(document) }
  }

  /** One that has not been asked yet. */
  #next(): Question {
    const last = this.#waiting.at(-1)
    if (last && !last.full) return last
    const question = new Question()
    this.#waiting.push(question)
    if (!this.#asking) {
      this.#asking = true
      queueMicrotask(() => this.#askAll())
    }
    return question
  }

  async #askAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await next.ask(this.#store)
    }
    this.#asking = false // at once: whoever comes in the next breath finds nobody asking
  }
}
