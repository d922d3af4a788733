import { expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { PolledSocket } from '#server/testing/polled-socket.ts'
import type { GuestClient } from '#server/testing/served.ts'
import { ServedWorld } from '#server/testing/served-world.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'

const QUEUE = 50_000
const PASTE = 10_000
/** One read of a socket and what it was in the middle of. */
const A_READ = 64 * 1024 + PASTE

/** A server whose store can be made to hang, and the bytes that it has taken in. */
async function scene() {
  const served = await ServedWorld.open({ commitQueueBytes: QUEUE })
  const { world } = served
  const { metrics } = world.instance()
  const sum = async (gauge: typeof metrics.connections | typeof metrics.unackedBytes) =>
    (await gauge.get()).values.reduce((sum, { value }) => sum + value, 0)
  return {
    world,
    guest: () => served.guest(),
    connections: () => sum(metrics.connections),
    unacked: () => sum(metrics.unackedBytes),
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  }
}

async function asked(client: FrameClient): Promise<void> {
  const answer = client.next('sync-step-2')
  client.send({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) })
  await answer
}

function fill(client: FrameClient): void {
  for (let n = 0; n < 200; n++) client.type(String.fromCharCode(97 + (n % 26)).repeat(PASTE))
}

const ROADS = {
  'a socket': (guest: GuestClient, id: string) => guest.socket(id),
  'plain requests': (guest: GuestClient, id: string) => new PolledSocket(guest, id).ws,
}

for (const [road, wireOf] of Object.entries(ROADS)) {
  test(`[H191] while the store hangs ${road} is read up to the limit, then goes on with nothing lost`, async () => {
    await using it = await scene()
    const ada = await FrameClient.joined(wireOf(await it.guest(), it.world.document))
    const ben = await FrameClient.joined((await it.guest()).socket(it.world.document))
    it.world.gate.hold()

    fill(ada)
    await eventually(async () => expect(await it.unacked()).toBeGreaterThanOrEqual(QUEUE))

    // Who only reads is served meanwhile.
    for (let n = 0; n < 5; n++) await asked(ben)
    expect(await it.unacked()).toBeLessThan(QUEUE + A_READ)
    expect(ada.acked).toBe(1)

    it.world.gate.release()
    await eventually(() => expect(ada.acked).toBe(201))
    await eventually(() => expect(ben.text).toBe(ada.text))
    expect(ben.text).toHaveLength(200 * PASTE)
    await eventually(async () => expect(await it.unacked()).toBe(0))
  })
}

test('[H192] a connection that is not read is closed with its code, and what was read of it is kept', async () => {
  await using it = await scene()
  const ada = await FrameClient.joined((await it.guest()).socket(it.world.document))
  it.world.gate.hold()
  fill(ada)
  await eventually(async () => expect(await it.unacked()).toBeGreaterThanOrEqual(QUEUE))

  const room = await it.world.room()
  room.recheck(() => ({ close: CLOSE.notAllowed }))

  expect(await ada.ended).toBe(CLOSE.notAllowed)
  await eventually(async () => expect(await it.connections()).toBe(0))
  expect(await it.unacked()).toBeGreaterThanOrEqual(QUEUE)
  it.world.gate.release()
  await eventually(async () => expect(await it.unacked()).toBe(0))
  expect((await room.reading.content('text', 'without')).length).toBeGreaterThan(QUEUE)
})

test('[H192] one that goes while it is not read is let go, and what was read of it is kept', async () => {
  await using it = await scene()
  const ada = await FrameClient.joined((await it.guest()).socket(it.world.document))
  it.world.gate.hold()
  fill(ada)
  await eventually(async () => expect(await it.unacked()).toBeGreaterThanOrEqual(QUEUE))

  ada.close()
  it.world.gate.release()

  await eventually(async () => expect(await it.unacked()).toBe(0))
  await eventually(async () => expect(await it.connections()).toBe(0))
  const text = await (await it.world.room()).reading.content('text', 'without')
  expect(text.length).toBeGreaterThan(QUEUE)
})

test('[H193] in a full queue one whose sync step 2 is waited for is read until it has come', async () => {
  await using it = await scene()
  const ada = await FrameClient.joined((await it.guest()).socket(it.world.document))
  const ben = await FrameClient.open((await it.guest()).socket(it.world.document))
  it.world.gate.hold()
  fill(ada)
  await eventually(async () => expect(await it.unacked()).toBeGreaterThanOrEqual(QUEUE))
  await asked(ben)
  const before = await it.unacked()

  ben.type('x'.repeat(100))
  await eventually(async () => expect(await it.unacked()).toBeGreaterThan(before + 100))
  const held = await it.unacked()
  ben.send({ kind: 'sync-step-2', update: Uint8Array.of(0, 0) })
  await eventually(async () => expect(await it.unacked()).toBe(held + 2))

  it.world.gate.release()
  await eventually(() => expect([ada.acked, ben.acked]).toEqual([201, 2]))
})
