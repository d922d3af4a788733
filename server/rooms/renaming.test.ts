import * as encoding from 'lib0/encoding'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import type { Peer, Who } from './peer.ts'
import { Presence } from './presence.ts'

const state = (client: number, clock: number, said: object): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, JSON.stringify(said))
  })

/** A room's presence as another sees it, and one peer whose session may call them otherwise. */
function scene(first: Who) {
  const seen = new Awareness(new Y.Doc())
  const hear = (update: Uint8Array) => applyAwarenessUpdate(seen, update, 'room')
  const presence = new Presence({ limits: LIMITS, toPeers: hear, toBus: () => undefined })
  let session = first
  const lookAgain = vi.fn(async () => {
    peer.user = session
  })
  const peer = {
    id: 'p',
    user: first,
    canWrite: true,
    send: () => undefined,
    close: () => undefined,
    lookAgain,
  } satisfies Peer as Peer & { user: Who }
  onTestFinished(() => {
    presence.close()
    seen.destroy()
  })
  return {
    presence,
    peer,
    lookAgain,
    shown: () => seen.getStates().get(7)?.user,
    becomes: (who: Who) => {
      session = who
    },
  }
}

const BOB = { id: 'bob', name: 'Bob', color: '#112233' }
const ROBERT = { id: 'bob', name: 'Robert', color: '#445566' }

test('[Y18] case 33.12: whoever has taken another name and says so is seen by it, and by no other', async () => {
  const { presence, peer, lookAgain, shown, becomes } = scene(BOB)
  presence.receive(peer, state(7, 1, { user: BOB, at: 1 }))
  await eventually(() => expect(shown()).toEqual(BOB))

  presence.receive(peer, state(7, 2, { user: { ...BOB, name: 'Ada' }, at: 2 }))
  await eventually(() => expect(lookAgain).toHaveBeenCalledTimes(1))
  becomes(ROBERT)
  presence.receive(peer, state(7, 3, { user: ROBERT, at: 3 }))
  await eventually(() => expect(shown()).toEqual(ROBERT))

  // A caret that moves is no reason to ask.
  for (let clock = 5; clock < 15; clock++) {
    presence.receive(peer, state(7, clock, { user: ROBERT, at: clock }))
  }
  expect(lookAgain).toHaveBeenCalledTimes(2)
})
