/** Names remembers what people are called, and asks the database once for whoever is not known. */
import type { DocumentStore } from '#server/store/document-store.ts'
import type { Person } from '#shared/protocol/event.ts'

export interface NamesDeps {
  store: Pick<DocumentStore, 'getUser'>
  /** A name is known that was asked for before. */
  onLearned(): void
}

export class Names {
  readonly #deps: NamesDeps
  readonly #names = new Map<string, string>()
  readonly #asked = new Map<string, Promise<void>>()

  constructor(deps: NamesDeps) {
    this.#deps = deps
  }

  know({ id, name }: Person): void {
    this.#names.set(id, name)
  }

  /** Somebody who is here: what they are called is known if nothing newer is. */
  meet(person: Person): void {
    if (!this.#names.has(person.id)) this.know(person)
  }

  knows(user: string): boolean {
    return this.#names.has(user)
  }

  /** Empty where that is not known yet; then it is asked for. */
  nameOf(user: string): string {
    const name = this.#names.get(user)
    // The next time that somebody asks tells who cannot be asked for now.
    if (name === undefined) this.#ask(user).then(this.#deps.onLearned, () => undefined)
    return name ?? ''
  }

  /** Resolves when all of them are known. */
  async learn(users: Iterable<string>): Promise<void> {
    for (const user of users) if (!this.#names.has(user)) await this.#ask(user)
  }

  #ask(user: string): Promise<void> {
    const asked =
      this.#asked.get(user) ??
      this.#deps.store
        .getUser(user)
        .then((row) => {
          this.#names.set(user, row?.name ?? '')
        })
        .finally(() => this.#asked.delete(user))
    this.#asked.set(user, asked)
    return asked
  }
}
