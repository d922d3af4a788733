/** What the scripted model server saw and did, an entry a request; tests wait for what they need. */
import type { ChatMessage } from './answer.ts'
import type { Scenario } from './scenario.ts'

export interface JournalEntry {
  /** Counted from 1. */
  n: number
  /** The model's name without its scenario. */
  model: string
  stream: boolean
  messages: ChatMessage[]
  /** The request's body as it came. */
  body: Record<string, unknown>
  authorization: string | undefined
  scenario: Scenario
  startedAt: number
  /** The client's, so that one sees which requests shared a connection. */
  port: number | undefined
  /** Tokens and bytes that the kernel has taken. */
  tokensSent: number
  bytesSent: number
  /** The reader is slow: the kernel takes no more. */
  stalled: boolean
  /** Holding until `release()`. */
  holding: boolean
  /** Who ended the connection or the answer; undefined while it goes on. */
  closedBy: 'client' | 'server' | undefined
  closedAt: number | undefined
  /** From the last byte (or the request's arrival) to the close. */
  msToClose: number | undefined
}

export class Journal {
  readonly entries: JournalEntry[] = []
  readonly #waiting = new Set<() => void>()

  add(entry: Omit<JournalEntry, 'n'>): JournalEntry {
    const added = { n: this.entries.length + 1, ...entry }
    this.entries.push(added)
    this.changed()
    return added
  }

  clear(): void {
    this.entries.length = 0
  }

  /** Must follow each change of an entry, so that those who wait look again. */
  changed(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** The first entry, past or to come, for which `predicate` holds. */
  waitFor(predicate: (entry: JournalEntry) => boolean, timeoutMs = 30_000): Promise<JournalEntry> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.entries.find(predicate)
        if (!found) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`no request was like that within ${timeoutMs} ms`))
      }, timeoutMs)
      this.#waiting.add(look)
      look()
    })
  }
}
