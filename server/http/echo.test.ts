import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import { FrameClient } from '#server/testing/frame-client.ts'
import { Served } from '#server/testing/served.ts'
import { LIMITS } from '#shared/protocol/limits.ts'

test('[C71] a provider that echoes the presence of a crowd keeps its connection, and its own state is heard', async () => {
  await using served = await Served.open()
  const guest = await served.guest()
  const id = await guest.document('Here.')
  const ada = await FrameClient.joined(guest.socket(id))
  const echo = presence(
    Array.from({ length: 100 }, (_, n) => [1000 + n, { note: 'x'.repeat(150) }]),
  )
  expect(echo.length).toBeGreaterThan(LIMITS.awarenessBytes)

  ada.send({ kind: 'awareness', update: echo })
  const shown = ada.next('awareness')
  ada.send({ kind: 'awareness', update: presence([[7, { at: 1 }]]) })
  const { update } = await shown

  expect(Buffer.from(update).toString()).toContain('"at":1')
  expect(Buffer.from(update).toString()).not.toContain('xxx')
  ada.send({ kind: 'awareness', update: presence([[7, { note: 'x'.repeat(5000) }]]) })
  expect(await ada.ended).toBe(4413)
})

const presence = (states: [number, object][]): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, states.length)
    for (const [client, state] of states) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, 1)
      encoding.writeVarString(encoder, JSON.stringify(state))
    }
  })
