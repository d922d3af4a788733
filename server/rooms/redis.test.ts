/** Two instances that hear each other by a real Redis, and what becomes of them when it fails. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { RedisProcess } from '#e2e/redis-process.ts'
import { RedisBus } from '#server/bus/redis.ts'
import { silent } from '#server/log.ts'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'

const usage = { input: 0, output: 1, estimated: true }
const WORDS = 60

let redis: RedisProcess
let buses: RedisBus[] = []
beforeAll(async () => {
  redis = await RedisProcess.start()
})
afterEach(async () => {
  await Promise.all(buses.map((bus) => bus.close()))
  buses = []
})
afterAll(() => redis[Symbol.asyncDispose]())

async function scene() {
  const world = await World.open({
    bus: (instance) => {
      const bus = new RedisBus({
        url: `redis://127.0.0.1:${redis.port}`,
        instance,
        secret: 'Kx7!a secret of the tests, long enough',
        log: silent,
      })
      buses.push(bus)
      return bus
    },
  })
  for (const name of ['one', 'two']) world.instance(name)
  await connected()
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })
  return { world, ada, ben }
}

const connected = () =>
  eventually(() => expect(buses.map((bus) => bus.connected)).toEqual([true, true]))

const FAULTS: Record<string, { begin(): Promise<void> | void; end?(): Promise<void> | void }> = {
  'nothing wrong': { begin: () => undefined },
  'subscriptions killed': { begin: () => void redis.command('client', 'kill', 'type', 'pubsub') },
  'speakers killed': { begin: () => void redis.command('client', 'kill', 'type', 'normal') },
  'everything flushed': { begin: () => void redis.command('flushall') },
  'Redis killed and started empty': { begin: () => redis.kill(), end: () => redis.start() },
  'Redis frozen for a while': {
    begin: () => redis.signal('SIGSTOP'),
    end: () => redis.signal('SIGCONT'),
  },
}

for (const [fault, { begin, end }] of Object.entries(FAULTS)) {
  test(`[B23] the lane of a run arrives on the other instance without a gap, and its words too: ${fault}`, async () => {
    const { world, ada, ben } = await scene()
    ada.type('Hello')
    await ada.synced()
    const [one, two] = [await world.room('one'), await world.room('two')]
    const events: EventRow[] = []
    two.follow((more) => events.push(...more))
    const run = await world.run()
    const place = one.reading.locate({ at: ada.caret(5) })!.place
    const writer = await one.openRun(run, place, 'insert')
    for (let n = 1; n <= WORDS; n++) {
      await writer.write([{ kind: 'text', text: ` w${n}`, format: 0 }], n)
      if (n === WORDS / 3) await begin()
    }
    await writer.end({ kind: 'finished', reason: 'stop', usage })
    const over = performance.now()

    const whole = `Hello${Array.from({ length: WORDS }, (_, n) => ` w${n + 1}`).join('')}`
    await eventually(() => {
      expect(events.at(-1)?.type).toBe('run.finished')
      expect(ben.text).toBe(whole)
    })
    const took = performance.now() - over
    expect(events.map(({ n }) => n)).toEqual(events.map((_, n) => n + 1))
    // By asking the log, where Redis is silent: what is not found so is never found.
    expect(took).toBeLessThan(15_000)
    await end?.()
    await connected()

    // And when it is over, they hear each other as before.
    ben.type('!')
    await eventually(() => expect(ada.text).toBe(`${whole}!`))
    await world[Symbol.asyncDispose]()
  })
}

test('[B24] who joins on one instance sees at once who is on the other, and carets heal with the bus', async () => {
  const { world, ada, ben } = await scene()
  ada.point({ focusing: true })
  const caret = (of: typeof ada) => of.awareness.getStates().get(ada.doc.clientID)
  await eventually(() =>
    expect(caret(ben)).toMatchObject({ focusing: true, user: { name: 'ada' } }),
  )

  await redis.kill()
  await eventually(() => expect(buses.map((bus) => bus.connected)).toEqual([false, false]))
  ada.point({ focusing: false })
  await redis.start()
  await connected()

  await eventually(() =>
    expect(caret(ben)).toMatchObject({ focusing: false, user: { name: 'ada' } }),
  )
  await redis.kill()
  await eventually(() => expect(buses.map((bus) => bus.connected)).toEqual([false, false]))
  ada.disconnect()
  await redis.start()
  await eventually(() => expect(caret(ben)).toBeUndefined())
  await world[Symbol.asyncDispose]()
})
