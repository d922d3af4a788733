import { expect, test } from 'vitest'
import { Ledger } from './ledger.ts'

test('[V1] an edit is unsaved until the message that carries it is acknowledged', () => {
  const ledger = new Ledger()
  ledger.connected()
  ledger.sentAll(1)
  ledger.edited(10)
  ledger.sentUpdate()
  ledger.edited(20)
  ledger.sentUpdate()

  ledger.acknowledged(2)
  expect([ledger.unsaved, ledger.since]).toEqual([1, 20])

  ledger.acknowledged(3)
  expect(ledger.unsaved).toBe(0)
})

test('[V2] an ack of one connection says nothing about another', () => {
  const ledger = new Ledger()
  ledger.connected()
  ledger.sentAll(1)
  ledger.edited(10)
  ledger.sentUpdate()
  ledger.connected()

  ledger.acknowledged(2)
  expect(ledger.unsaved).toBe(1)

  ledger.sentAll(1)
  ledger.acknowledged(1)
  expect(ledger.unsaved).toBe(0)
})

test('[V3] what was typed offline is carried by the step 2 of the next connection', () => {
  const ledger = new Ledger()
  ledger.edited(1)
  ledger.edited(2)
  ledger.connected()
  expect(ledger.unsaved).toBe(2)

  ledger.sentAll(1)
  ledger.acknowledged(1)

  expect(ledger.unsaved).toBe(0)
})

test('[V30] nothing is certain to be saved before the server has compared', () => {
  const ledger = new Ledger()
  ledger.connected()
  ledger.sentAll(7)
  expect([ledger.unsaved, ledger.since]).toEqual([0, 7])

  ledger.acknowledged(1)
  expect(ledger.since).toBeUndefined()
})

test('[V31] what was refused stays unsaved, whatever is acknowledged after it', () => {
  const ledger = new Ledger()
  ledger.connected()
  ledger.sentAll(1)
  ledger.acknowledged(1)
  ledger.edited(10)
  ledger.sentUpdate()

  ledger.refused(2, 20)
  ledger.acknowledged(2)
  expect([ledger.unsaved, ledger.since]).toEqual([1, 10])

  ledger.connected()
  ledger.sentAll(30)
  ledger.acknowledged(1)
  expect(ledger.unsaved).toBe(0)
})

test('[V32] a refused copy of this device counts as unsaved', () => {
  const ledger = new Ledger()
  ledger.connected()
  ledger.sentAll(1)

  ledger.refused(1, 20)

  expect([ledger.unsaved, ledger.since]).toEqual([1, 20])
})

test('[M12] edits are told one by one while none of them is on its way', () => {
  const ledger = new Ledger()
  const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)]
  ledger.connected()
  ledger.edited(1, first)
  expect(ledger.waiting).toEqual([first])
  ledger.sentAll(2)
  expect(ledger.waiting).toBeUndefined()
  ledger.acknowledged(1)
  expect(ledger.waiting).toEqual([])

  ledger.connected()
  ledger.edited(3, first)
  ledger.edited(4, second)
  expect(ledger.waiting).toEqual([first, second])
  ledger.sentNothing()
  ledger.sentNothing()
  ledger.sentNothing()
  ledger.acknowledged(3)
  expect(ledger.unsaved).toBe(2)
  ledger.sentAll(5)
  expect(ledger.waiting).toBeUndefined()
  ledger.acknowledged(4)
  expect(ledger.unsaved).toBe(0)
})

test('[M24] a message that waited carries what was edited when it was made, and nothing later', () => {
  const ledger = new Ledger()
  ledger.connected()
  const early = ledger.edited(1, Uint8Array.of(1))
  const late = ledger.edited(2, Uint8Array.of(2))
  ledger.sentAll(3, early)
  expect(ledger.acknowledged(1)).toEqual([early])
  expect(ledger.unsaved).toBe(1)
  ledger.sentUpdate(late)
  expect(ledger.acknowledged(2)).toEqual([late])
})

test.each([
  'before',
  'after',
] as const)('[M32] an edit that was told by itself and refused stays unsaved, %s the step 2 behind it went out', (when) => {
  const ledger = new Ledger()
  ledger.edited(1, Uint8Array.of(1))
  ledger.connected()
  ledger.sentNothing()
  ledger.sentNothing()
  if (when === 'before') ledger.refused(2, 5)
  ledger.sentAll(6)
  const later = ledger.edited(7, Uint8Array.of(2))
  ledger.sentUpdate()
  if (when === 'after') ledger.refused(2, 8)

  expect(ledger.acknowledged(4)).toEqual([later])
  expect(ledger.unsaved).toBe(1)
  ledger.connected()
  expect(ledger.waiting).toEqual([Uint8Array.of(1)])
})
