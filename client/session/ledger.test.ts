import { expect, test } from 'vitest'
import { Ledger } from './ledger.ts'

test('[V1] an edit is unsaved until the message that carries it is acknowledged', () => {
  const ledger = new Ledger()
  ledger.connected()
  ledger.sentAll()
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
  ledger.sentAll()
  ledger.edited(10)
  ledger.sentUpdate()
  ledger.connected()

  ledger.acknowledged(2)
  expect(ledger.unsaved).toBe(1)

  ledger.sentAll()
  ledger.acknowledged(1)
  expect(ledger.unsaved).toBe(0)
})

test('[V3] what was typed offline is carried by the step 2 of the next connection', () => {
  const ledger = new Ledger()
  ledger.edited(1)
  ledger.edited(2)
  ledger.connected()
  expect(ledger.unsaved).toBe(2)

  ledger.sentAll()
  ledger.acknowledged(1)

  expect(ledger.unsaved).toBe(0)
})
