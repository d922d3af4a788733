import { expect, test } from 'vitest'
import { World } from '#server/testing/world.ts'
import { Identity } from './identity.ts'
import { LookUps } from './look-ups.ts'

test('[H95] a ticket works once on all instances together, whichever is asked first', async () => {
  await using world = await World.open()
  const { store, document } = world
  const instances = ['one', 'two', 'three'].map(
    () => new Identity({ store, lookUps: new LookUps(store), secret: 'the same', https: false }),
  )
  const [one, two] = instances
  const { user } = await one!.createGuest()
  const ticket = `gloss.ticket.${one!.createTicket(user.id, document)}`

  expect(await two!.redeemTicket(ticket, 'another')).toBeUndefined()
  const redeemed = await Promise.all(instances.map((it) => it.redeemTicket(ticket, document)))

  expect(redeemed.filter((found) => found !== undefined)).toEqual([user])
  expect(await one!.redeemTicket(ticket, document)).toBeUndefined()
})
