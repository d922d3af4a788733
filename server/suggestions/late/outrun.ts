/**
 * Outrun keeps the words that the room wrote again for somebody and that an update took away which
 * stands in front of them in the log. Two instances answer at one moment: the one that answers that
 * update does not have these words, so nobody else can mend it. They wait until its answer, which may
 * tell where their neighbours went, has come too (seeds 2597, 2670 and 4870 lost them).
 */
import * as Y from 'yjs'
import { isAlive } from '#shared/document/characters.ts'
import type { Moves } from '#shared/document/moves.ts'
import { type Stray, straysOf } from './finding/strays.ts'

export interface OutrunDeps {
  doc: Y.Doc
  moves: Moves
  /** Whether the room writes late words under this Yjs client, here. */
  writesAs(client: number): boolean
}

export class Outrun {
  readonly #deps: OutrunDeps
  /** How far the log has what each of those clients wrote. */
  readonly #committed = new Map<number, number>()
  #strays: Stray[] = []

  constructor(deps: OutrunDeps) {
    this.#deps = deps
  }

  get isEmpty(): boolean {
    return this.#strays.length === 0
  }

  /** The log has reached a write of this room's own. */
  noteCommitted(update: Uint8Array): void {
    for (const [client, end] of Y.parseUpdateMeta(update).to) {
      if (this.#deps.writesAs(client)) this.#committed.set(client, end)
    }
  }

  /** To be called before Yjs collects what an update deleted that another instance answers. */
  notice(transaction: Y.Transaction): void {
    const { doc, moves } = this.#deps
    const { deleteSet } = transaction
    const isAnswered = ({ client, clock }: Y.ID) => clock < (this.#committed.get(client) ?? 0)
    const isPending = (id: Y.ID) => this.#deps.writesAs(id.client) && !isAnswered(id)
    if (![...deleteSet.clients.keys()].some((client) => this.#deps.writesAs(client))) return
    const wasThere = (id: Y.ID) =>
      isAlive(doc, id) || Y.isDeleted(deleteSet, id) || moves.next(id) !== undefined
    this.#strays.push(...straysOf(transaction, (id) => !isPending(id), wasThere))
  }

  /** What is to be written again, once. */
  take(): Stray[] {
    return this.#strays.splice(0)
  }
}
