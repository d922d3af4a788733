import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Edit, Ledger } from '../ledger.ts'
import { EditJournal, type EditKey, type EditStore, type KeptEdit } from './edit-journal.ts'

class Device implements EditStore {
  readonly #kept = new Map<string, KeptEdit>()

  keep(edits: readonly KeptEdit[]): void {
    for (const edit of edits) this.#kept.set(JSON.stringify(edit.key), edit)
  }

  forget(keys: readonly EditKey[]): void {
    for (const key of keys) this.#kept.delete(JSON.stringify(key))
  }

  /** As IndexedDB orders them. */
  get kept(): KeptEdit[] {
    const order = ({ key: [a, b] }: KeptEdit, { key: [c, d] }: KeptEdit) => a - c || b - d
    return [...this.#kept.values()].sort(order)
  }
}

/** A page on a device: what it has edited, and what of that is acknowledged. */
class Page {
  readonly ledger = new Ledger()
  readonly journal: EditJournal

  constructor(device: Device, client: number) {
    this.journal = new EditJournal(device, client, device.kept)
    for (const kept of device.kept) this.journal.had(this.ledger.edited(0, kept.update), kept)
    this.ledger.connected()
    // It sends first what the pages before it have left.
    for (const edit of this.ledger.edits) this.ledger.sentUpdate(edit)
  }

  edit(update: Uint8Array, soon: boolean): Edit {
    const edit = this.ledger.edited(0, update)
    this.journal.made(edit, soon)
    this.ledger.sentUpdate()
    return edit
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('edit' as const), soon: fc.boolean() }),
  fc.record({ do: fc.constant('ack' as const), percent: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ do: fc.constant('reload' as const) }),
)

test('[M23] a page has the edits of the pages before it that are not acknowledged, in their order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const device = new Device()
      let page = new Page(device, 1)
      let client = 1
      let sent = 0
      let made = 0
      let waiting: number[] = []
      for (const one of steps) {
        if (one.do === 'edit') {
          page.edit(Uint8Array.of(++made), one.soon)
          sent++
          waiting.push(made)
        } else if (one.do === 'ack') {
          const count = Math.floor((one.percent * sent) / 100)
          page.journal.acknowledged(page.ledger.acknowledged(count))
          const kept = waiting.length - page.ledger.unsaved
          waiting = waiting.slice(kept)
        } else {
          page.journal.keepAll()
          page = new Page(device, ++client)
          sent = waiting.length
        }
        expect(page.ledger.unsaved).toBe(waiting.length)
      }
      page.journal.keepAll()
      expect(device.kept.map(({ update }) => update[0])).toEqual(waiting)
    }),
  )
})

test('[M23] what is acknowledged at once is never kept, and two pages of one person keep theirs', () => {
  const device = new Device()
  const [one, two] = [new Page(device, 1), new Page(device, 2)]
  const quick = one.edit(Uint8Array.of(1), true)
  one.journal.acknowledged([quick])
  one.journal.keepAll()
  expect(device.kept).toEqual([])

  one.edit(Uint8Array.of(2), false)
  two.edit(Uint8Array.of(3), false)
  const three = new Page(device, 3)
  three.edit(Uint8Array.of(4), false)
  expect(device.kept.map(({ update }) => update[0])).toEqual([2, 3, 4])
  two.journal.acknowledged(two.ledger.acknowledged(1))
  expect(device.kept.map(({ update }) => update[0])).toEqual([2, 4])
})
