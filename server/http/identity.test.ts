import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { UserRow } from '#server/store/document-store.ts'
import { Identity, type IdentityDeps } from './identity.ts'

const people = new Map<string, UserRow>()

/** An identity over people that are there from one look to the next. */
function identity(secret = 'a'.repeat(32)): Identity {
  const deps = {
    store: {
      createUser: async (user: Omit<UserRow, 'createdAt'>) => {
        people.set(user.id, { ...user, createdAt: 1 })
        return people.get(user.id)
      },
    },
    lookUps: { user: async (id: string) => people.get(id) },
    secret,
    https: false,
  }
  return new Identity(deps as unknown as IdentityDeps)
}

const bearing = (token: string) =>
  ({ headers: { authorization: `Bearer ${token}` } }) as unknown as IncomingMessage

test('[H197] a token that was verified before opens only what it is, and nothing once its user is gone', async () => {
  const ours = identity()
  const { token, user } = await ours.createGuest()
  const other = await ours.createGuest()
  expect(await ours.find(bearing(token))).toEqual(user)
  expect(await ours.find(bearing(token))).toEqual(user)

  const signature = token.slice(token.lastIndexOf('.'))
  for (const bad of [`${other.user.id}${signature}`, token.slice(0, -1), `${token}A`, user.id]) {
    expect(await ours.find(bearing(bad)), bad).toBeUndefined()
  }
  expect(await identity('b'.repeat(32)).find(bearing(token))).toBeUndefined()

  people.delete(user.id)
  expect(await ours.find(bearing(token))).toBeUndefined()
})
