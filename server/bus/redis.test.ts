/** The bus on a real Redis: the contract, and a Redis that dies, freezes, forgets and lies. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { FaultProxy } from '#e2e/faults/proxy.ts'
import { RedisProcess } from '#e2e/redis-process.ts'
import { silent } from '#server/log.ts'
import { atBest, timed } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { busContract } from './bus.contract.ts'
import type { Hint } from './bus.ts'
import { BusCodec } from './bus-message.ts'
import { RedisBus, type RedisBusDeps } from './redis.ts'

const SECRET = 'Kx7!a secret of the tests, long enough'

let redis: RedisProcess
beforeAll(async () => {
  redis = await RedisProcess.start()
})
afterAll(() => redis[Symbol.asyncDispose]())

busContract('redis', async () => {
  const [a, b] = [openBus(), openBus()]
  await eventually(() => expect([a.connected, b.connected]).toEqual([true, true]))
  return {
    a,
    b,
    // The speakers stay: what they can say to each other must not be what tells them.
    lose: async () => void redis.command('client', 'kill', 'type', 'pubsub'),
    heal: async () => undefined,
    dispose: async () => {
      await a.close()
      await b.close()
    },
  }
})

test('[B9] a bus that is opened before its Redis says that it is down, and heals by itself', async () => {
  await using late = await RedisProcess.start()
  await late.kill()
  await using a = disposable(openBus(late.port))
  await using b = disposable(openBus(late.port))
  const onB = listen(b)
  await onB.ready
  a.publishHint(hintTo(1))
  expect([a.connected, b.connected]).toEqual([false, false])

  await late.start()
  await bothConnected(a, b)

  a.publishHint(hintTo(2))
  await eventually(() => expect(onB.heads).toEqual([2]))
})

test('[B10] a Redis that is killed and comes back empty is told from one that is there, and every channel is heard again', async () => {
  await using own = await RedisProcess.start()
  await using a = disposable(openBus(own.port))
  await using b = disposable(openBus(own.port))
  const [plan, other] = [listen(b, 'plan'), listen(b, 'other')]
  await bothConnected(a, b)

  await own.kill()
  await eventually(() => expect([a.connected, b.connected]).toEqual([false, false]), 1)
  a.publishHint(hintTo(1))
  await own.start()
  await bothConnected(a, b)

  a.publishHint(hintTo(2))
  a.publishHint(hintTo(3, 'other'))
  await eventually(() => expect([plan.heads, other.heads]).toEqual([[2], [3]]))
})

test('[B11] a subscriber that is cut off knows it, and is subscribed anew before it says that it hears', async () => {
  await using own = await RedisProcess.start()
  await using a = disposable(openBus(own.port))
  await using b = disposable(openBus(own.port))
  const onB = listen(b)
  await bothConnected(a, b)

  own.command('client', 'kill', 'type', 'pubsub')
  await eventually(() => expect(b.connected).toBe(false), 1)
  await bothConnected(a, b)

  a.publishHint(hintTo(7))
  await eventually(() => expect(onB.heads).toEqual([7]))
})

test('[B12] a Redis that is frozen counts as down within seconds, and as up when it goes on', async () => {
  await using own = await RedisProcess.start()
  await using a = disposable(openBus(own.port))
  await using b = disposable(openBus(own.port))
  const onB = listen(b)
  await bothConnected(a, b)

  own.signal('SIGSTOP')
  try {
    const took = await timed(() =>
      eventually(() => expect([a.connected, b.connected]).toEqual([false, false]), 1),
    )
    expect(took).toBeLessThan(10_000)
  } finally {
    own.signal('SIGCONT')
  }
  await bothConnected(a, b)
  a.publishHint(hintTo(9))

  await eventually(() => expect(onB.heads).toContain(9))
})

test('[B13] what is not signed by an instance of ours is not heard, whatever it claims to be: it is counted, and logged once', async () => {
  const warn = vi.fn()
  await using a = disposable(openBus())
  const refused = vi.fn()
  await using b = disposable(openBus(redis.port, { log: { ...silent, warn }, refused }))
  const onB = listen(b)
  await bothConnected(a, b)
  const stranger = new Redis(redis.port)
  const forged = new BusCodec('another secret that is long enough too', randomUUID())
  const ours = new BusCodec(SECRET, randomUUID()).encode({ kind: 'hint', hint: hintTo(5) })
  const bent = Buffer.from(ours)
  bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1

  for (const bytes of [
    forged.encode({ kind: 'hint', hint: hintTo(4) }),
    bent,
    ours.subarray(0, 20),
    Buffer.alloc(0),
    Buffer.from('{"to":5}'),
    Buffer.alloc(3 << 20, 1),
  ]) {
    await stranger.publish('gloss:d:plan', bytes)
  }
  // Signed, but said in another document's channel.
  await stranger.publish('gloss:d:other', ours)
  a.publishHint(hintTo(6))
  await eventually(() => expect(onB.heads).toEqual([6]))

  expect(refused).toHaveBeenCalledTimes(6)
  expect(warn.mock.calls.filter(([, said]) => /not of an instance/.test(said))).toHaveLength(1)
  stranger.disconnect()
})

test('[B14] what one could not say for a while, the others ask the log for', async () => {
  await using own = await RedisProcess.start()
  await using a = disposable(openBus(own.port))
  await using b = disposable(openBus(own.port))
  await bothConnected(a, b)
  const before = b.lapses

  own.command('client', 'kill', 'type', 'normal') // the speakers of both
  await eventually(() => {
    a.publishHint(hintTo(1))
    expect(b.lapses).toBeGreaterThan(before)
  })
  expect(b.connected).toBe(true)
})

test('[B15] one that falls silent without a word is missed and the log asked for what it may have written; one that says goodbye is not', async () => {
  await using own = await RedisProcess.start()
  await using b = disposable(openBus(own.port))
  await using polite = disposable(openBus(own.port))
  await bothConnected(polite, b)
  await polite.close()
  await pause(4_500)
  // Who is missed is missed at each beat; a machine that stands still may lapse at one of them.
  const lapses = await atBest(1, async () => {
    const before = b.lapses
    await pause(1_500)
    return b.lapses - before
  })
  expect(lapses).toBe(0)

  await using way = await FaultProxy.open({ targets: [own.port] })
  await using lonely = disposable(openBus(way.port))
  await bothConnected(lonely, b)
  await hasHeardOf(b, lonely)
  const before = b.lapses
  way.cut()
  await eventually(() => expect(b.lapses).toBeGreaterThan(before + 1))
  expect([lonely.connected, b.connected]).toEqual([false, true])
})

test('[B16] nobody waits long for a Redis that is frozen to say that it listens', async () => {
  await using own = await RedisProcess.start()
  await using a = disposable(openBus(own.port))
  await eventually(() => expect(a.connected).toBe(true))
  const before = a.lapses

  own.signal('SIGSTOP')
  try {
    expect(await timed(() => listen(a).ready)).toBeLessThan(10_000)
  } finally {
    own.signal('SIGCONT')
  }
  await eventually(() => expect([a.connected, a.lapses > before]).toEqual([true, true]))
})

test('[B29] one that falls silent without a word has left within ten seconds, and who is there is said when it is heard again', async () => {
  await using own = await RedisProcess.start()
  await using b = disposable(openBus(own.port))
  const onB = listen(b)
  await using way = await FaultProxy.open({ targets: [own.port] })
  await using lonely = disposable(openBus(way.port))
  const onLonely = listen(lonely)
  await bothConnected(lonely, b)
  await hasHeardOf(b, lonely)

  way.cut()
  const took = await timed(() => eventually(() => expect(onB.left).toEqual([lonely.instance])))
  expect(took).toBeLessThan(10_000)
  // It hears nobody, and knows that this says nothing of them.
  expect([lonely.connected, onLonely.left]).toEqual([false, []])

  const before = onLonely.news.newcomers
  way.mend()
  await eventually(() => expect(onLonely.news.newcomers).toBeGreaterThan(before))
  await bothConnected(lonely, b)
  expect(onB.left).toHaveLength(1)
})

test('[B32] who could not ask who is here asks again as soon as it can speak', async () => {
  await using own = await RedisProcess.start()
  await using a = disposable(openBus(own.port))
  const onA = listen(a)
  await eventually(() => expect(a.connected).toBe(true))
  await using b = disposable(openBus(own.port))
  await bothConnected(a, b)

  // Those that speak, in the order in which they came: of A, of B, and the one that asks this.
  const speakers = own.command('client', 'list', 'type', 'normal').matchAll(/^id=(\d+)/gm)
  const ofB = [...speakers][1]?.[1]
  const before = onA.news.newcomers
  own.command('client', 'kill', 'id', ofB ?? '')
  await listen(b).ready
  await eventually(() => expect(onA.news.newcomers).toBeGreaterThan(before))
})

function openBus(port = redis.port, more: Partial<RedisBusDeps> = {}): RedisBus {
  return new RedisBus({
    url: `redis://127.0.0.1:${port}`,
    instance: randomUUID(),
    secret: SECRET,
    log: silent,
    ...more,
  })
}

function disposable(bus: RedisBus): RedisBus & AsyncDisposable {
  return Object.assign(bus, { [Symbol.asyncDispose]: () => bus.close() })
}

function listen(bus: RedisBus, document = 'plan') {
  const heads: number[] = []
  const left: string[] = []
  const news = { newcomers: 0 }
  const { ready } = bus.subscribe(document, {
    hint: ({ to }) => heads.push(to),
    presence: () => undefined,
    left: (instance) => left.push(instance),
    newcomer: () => {
      news.newcomers++
    },
  })
  return { heads, left, news, ready }
}

const hintTo = (to: number, document = 'plan'): Hint => ({
  document,
  epoch: 1,
  from: to,
  to,
  eventHead: 0,
  updates: [],
})

/** One that was never heard of cannot be missed. */
async function hasHeardOf(bus: RedisBus, other: RedisBus): Promise<void> {
  const before = bus.lapses
  other.publishNews()
  await eventually(() => expect(bus.lapses).toBeGreaterThan(before))
}

async function bothConnected(a: RedisBus, b: RedisBus): Promise<void> {
  await eventually(() => expect([a.connected, b.connected]).toEqual([true, true]))
}
