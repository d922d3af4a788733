/**
 * Judges an update of a client before it is committed: whether it is whole, depends only on what
 * the room has, writes only as its sender and holds only what an editor of ours could have
 * written. Pure; it never applies anything and never throws, whatever the bytes.
 */
import type { ItemRange } from '#server/store/document-store.ts'
import {
  type Content,
  type DecodedUpdate,
  type ItemId,
  readUpdate,
  type Struct,
  type UnreadableReason,
} from '#shared/document/update-reader.ts'
import { type RuleReason, ruleAgainst, ruleAgainstDeleting } from './document-rules.ts'
import {
  findItem,
  type Known,
  type KnownItem,
  type NewItem,
  type Place,
  rootHolder,
} from './frontier.ts'

export type InspectReason =
  | UnreadableReason
  | RuleReason
  | 'too-many-clients'
  | 'clock-gap'
  | 'unknown-origin'
  | 'unknown-parent'
  | 'unknown-delete'
  /** Written with the Yjs client id of somebody else. */
  | 'foreign-client'
  /** Under a root name that a document does not have. */
  | 'root'

export interface Inspected {
  /** Yjs client ids that nobody owns yet: the sender's, once this is committed. */
  newClients: number[]
  /** The room has all of it already: nothing to commit, only to acknowledge. */
  nothingNew: boolean
  /** It deletes what is deleted already: text that was written in its place may have to go. */
  deletesGone: boolean
  /** For `Frontier.admit`. */
  items: NewItem[]
  /** What is taken back and was not its sender's to say: to be deleted as it is committed. */
  voided: ItemRange[]
}

export type Verdict =
  | ({ ok: true } & Inspected)
  | {
      ok: false
      reason: InspectReason
      /** The room may lag behind the log: read it, then inspect again. */
      mayHeal: boolean
    }

const LIMITS = { structs: 50_000, ranges: 50_000, stringLength: 1 << 20 }

/** Each page load writes as a new client, so long work offline brings a few at once. */
const MAX_NEW_CLIENTS = 64

/** The first half of an inspection: the update's parts, or the verdict on bytes that have none. */
export function read(update: Uint8Array): { parts: DecodedUpdate } | { verdict: Verdict } {
  const result = readUpdate(update, LIMITS)
  if ('update' in result) return { parts: result.update }
  return { verdict: { ok: false, reason: result.unreadable, mayHeal: false } }
}

/**
 * The second half: whether parts that could be read may be committed over what is `known`. Where
 * the document is `takingBack` they may be anybody's, and nobody gets the client ids.
 */
export function judge(
  update: DecodedUpdate,
  known: Known,
  user: string,
  maxNewClients = MAX_NEW_CLIENTS,
  takingBack = false,
): Verdict {
  const inspection = new Inspection(known, user, takingBack)
  const reason =
    inspection.open(update, maxNewClients) ?? inspection.integrate() ?? inspection.delete(update)
  // Whatever is refused may be something that the log has and this room has not read yet: a
  // client that comes from another instance sends again what it heard there, others' text too.
  return reason ? { ok: false, reason, mayHeal: true } : { ok: true, ...inspection.result() }
}

/** Whether `update`, sent by `user`, may be committed over what is `known`. Never throws. */
export function inspect(
  update: Uint8Array,
  known: Known,
  user: string,
  options: { maxNewClients?: number; takingBack?: boolean } = {},
): Verdict {
  const it = read(update)
  return 'verdict' in it
    ? it.verdict
    : judge(it.parts, known, user, options.maxNewClients, options.takingBack)
}

/** The structs of one client that the room lacks, and how far they have been integrated. */
interface Section {
  client: number
  structs: Struct[]
  next: number
  /** Clock of what is not integrated yet. */
  clock: number
  items: NewItem[]
}

/** Integrates an update in thought: the same dependencies as Yjs, without its side effects. */
class Inspection {
  readonly #known: Known
  readonly #user: string
  readonly #sections = new Map<number, Section>()
  readonly #takingBack: boolean
  readonly #newClients: number[] = []
  readonly #voided: ItemRange[] = []
  #deletesLive = false
  #deletesGone = false

  constructor(known: Known, user: string, takingBack: boolean) {
    this.#known = known
    this.#user = user
    this.#takingBack = takingBack
  }

  /** Finds what is new, and whose it is. */
  open(update: DecodedUpdate, maxNewClients: number): InspectReason | undefined {
    for (const { client, clock, structs } of update.clients) {
      const start = this.#known.clock(client)
      const news = structs.findIndex((struct) => struct.clock + struct.length > start)
      // Of what is known already Yjs waits all the same for what it names.
      const retold = news < 0 ? structs : structs.slice(0, news)
      const waits = retold.map((struct) => this.#missing(struct)).find(Boolean)
      if (waits) return waits
      if (news < 0) continue
      if (clock > start) return 'clock-gap'
      if (!this.#takingBack) {
        const owner = this.#known.owner(client)
        if (owner === undefined) this.#newClients.push(client)
        else if (owner !== this.#user) return 'foreign-client'
      }
      this.#sections.set(client, { client, structs, next: news, clock: start, items: [] })
    }
    return this.#newClients.length > maxNewClients ? 'too-many-clients' : undefined
  }

  /**
   * Places each new struct once all that it names is there. A struct that waits for ever, be it
   * for something unknown or in a circle, would stay pending in the log: it is refused.
   */
  integrate(): InspectReason | undefined {
    let waiting = [...this.#sections.values()]
    while (waiting.length > 0) {
      let moved = false
      for (const section of waiting) {
        while (section.next < section.structs.length) {
          const struct = section.structs[section.next] as Struct
          if (this.#missing(struct)) break
          const reason = this.#add(section, struct)
          if (reason) return reason
          section.next++
          moved = true
        }
      }
      waiting = waiting.filter((section) => section.next < section.structs.length)
      const [stuck] = waiting
      if (stuck && !moved) return this.#missing(stuck.structs[stuck.next] as Struct)
    }
    return undefined
  }

  /** Whether the delete set names only what is there, and only what this user may delete. */
  delete(update: DecodedUpdate): InspectReason | undefined {
    for (const { client, ranges } of update.deletes) {
      const known = this.#known.clock(client)
      for (const { clock, length } of ranges) {
        const end = clock + length
        if (end > this.#clock(client)) return 'unknown-delete'
        // What the update brings itself was its sender's to write, and so to delete.
        if (clock >= known) continue
        const { any, guarded } = this.#known.living(client, clock, Math.min(end, known))
        this.#deletesLive ||= any
        this.#deletesGone ||= !any
        // What was deleted elsewhere cannot live here alone.
        if (this.#takingBack) continue
        for (const place of guarded) {
          const reason = ruleAgainstDeleting(place, this.#user)
          if (reason) return reason
        }
      }
    }
    return undefined
  }

  result(): Inspected {
    const items = [...this.#sections.values()].flatMap((section) => section.items)
    return {
      newClients: this.#newClients,
      nothingNew: items.length === 0 && !this.#deletesLive,
      deletesGone: this.#deletesGone,
      items,
      voided: this.#voided,
    }
  }

  #missing({
    origin,
    rightOrigin,
    parent,
  }: Struct): 'unknown-origin' | 'unknown-parent' | undefined {
    if (!this.#has(origin) || !this.#has(rightOrigin)) return 'unknown-origin'
    return typeof parent === 'string' || this.#has(parent) ? undefined : 'unknown-parent'
  }

  #has(id: ItemId | null): boolean {
    return id === null || id.clock < this.#clock(id.client)
  }

  #clock(client: number): number {
    return this.#sections.get(client)?.clock ?? this.#known.clock(client)
  }

  #add(section: Section, struct: Struct): InspectReason | undefined {
    const { content } = struct
    // Yjs cannot continue an item whose first half was collected; sent as a part, it can.
    if (struct.clock < section.clock && content.kind !== 'collected') {
      if (!this.#known.item(section.client, section.clock - 1).place) return 'unknown-origin'
    }
    const place = this.#place(struct)
    if (typeof place === 'string') return place
    const reason = place && ruleAgainst(place, content, this.#user)
    const voided = reason !== undefined && this.#takingBack && isEntry(place, content)
    if (reason && !voided) return reason
    const clock = section.clock
    const end = struct.clock + struct.length
    if (voided) this.#voided.push({ client: section.client, from: clock, to: end })
    const depth = (place?.holder.depth ?? 0) + 1
    section.clock = end
    section.items.push({
      client: section.client,
      clock,
      end,
      deleted: voided || content.kind === 'deleted' || content.kind === 'collected',
      place,
      opens:
        content.kind === 'element'
          ? { kind: 'element', type: content.name, depth }
          : content.kind === 'text'
            ? { kind: 'text', depth }
            : undefined,
    })
    return undefined
  }

  /** Undefined for what nobody can see: a collected struct, or one beside or in a collected one. */
  #place(struct: Struct): KnownItem['place'] | 'root' | 'unknown-parent' {
    const { content, origin, rightOrigin, parent, key } = struct
    if (content.kind === 'collected') return undefined
    const neighbour = origin ?? rightOrigin
    if (neighbour) return this.#item(neighbour).place
    if (typeof parent === 'string') {
      const holder = rootHolder(parent)
      return holder ? { holder, key } : 'root'
    }
    if (parent === null) return 'unknown-parent'
    const item = this.#item(parent)
    if (item.opens) return { holder: item.opens, key }
    return item.deleted ? undefined : 'unknown-parent'
  }

  #item({ client, clock }: ItemId): KnownItem {
    return findItem(this.#sections.get(client)?.items, clock) ?? this.#known.item(client, clock)
  }
}

/** What the server or somebody else says under a key, of suggestions or decisions. */
function isEntry(place: Place | undefined, { kind }: Content): boolean {
  if (!place || place.key === null || (kind !== 'values' && kind !== 'deleted')) return false
  return place.holder.kind === 'suggestions' || place.holder.kind === 'decisions'
}
