/** F04, F07c, F10: a Redis that dies, forgets, freezes or is out of reach, and an instance that is. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisProcess } from '#e2e/redis-process.ts'
import { percentile } from '../evidence.ts'
import type { Scenario } from '../stage.ts'
import type { Typist } from '../typist.ts'
import { personsWord, personsWords } from '../words.ts'
import type { Place, World } from '../world.ts'
import { acksBetween, everybodyIn, until } from './people.ts'

/** By asking the log, once an instance knows that it does not hear. */
const HEALED_MS = 1_500
/** Who falls silent without a word is known to after three seconds; then the log is asked. */
const UNKNOWN_MS = 4_500
const QUICK_MS = 200
/** So many words that one of them may be late at the 95th percentile. */
const SAMPLE = 25

/** What happens to Redis, and how it is undone. */
const BLOWS: {
  name: string
  /** Nobody is told that it happens. */
  isSilent?: true
  strike(redis: RedisProcess): unknown
  undo(r: RedisProcess): unknown
}[] = [
  { name: 'SIGKILL, back empty', strike: (it) => it.kill(), undo: (it) => it.start() },
  { name: 'FLUSHALL', strike: (it) => it.command('flushall'), undo: () => undefined },
  {
    name: 'SIGSTOP',
    isSilent: true,
    strike: (it) => it.signal('SIGSTOP'),
    undo: (it) => it.signal('SIGCONT'),
  },
  {
    name: 'subscribers cut',
    strike: (it) => it.command('client', 'kill', 'type', 'pubsub'),
    undo: () => undefined,
  },
]

export const redisFaults: Scenario = {
  id: 'F04',
  fault: 'Redis: SIGKILL and back empty; FLUSHALL; SIGSTOP 5 s; subscriber connections cut',
  expected:
    '0 lost; seen on the other instance ≤ 1.5 s while it is down (≤ 4.5 s for the first word where Redis falls silent without a word), p95 ≤ 200 ms after, or as before',
  async play(stage) {
    const redis = await stage.redis()
    const world = await stage.world('cluster', { redis, documents: 1, people: 2 })
    const apart = await oneOnEach(world)
    await stage.under(world, async () => {
      await everybodyIn(world)
      await world.startRuns()
      const usual = percentile(await crossings(apart, SAMPLE), 0.95)
      stage.evidence.figure('p95 before', usual, 'ms')
      for (const { name, isSilent, strike, undo } of BLOWS) {
        await strike(redis)
        const down = await crossings(apart, 5)
        await world.work(1_000, { rate: 8 })
        await undo(redis)
        await world.work(2_500, { rate: 8 })
        const after = await crossings(apart, SAMPLE)
        stage.evidence.figure(
          name,
          `${Math.round(Math.max(...down))} ms at most, then p95 ${Math.round(percentile(after, 0.95))} ms`,
        )
        stage.evidence.expect(`${name}: healed by asking the log`, healed(down, isSilent))
        const isQuick = percentile(after, 0.95) <= Math.max(QUICK_MS, usual)
        stage.evidence.expect(`${name}: quick again after`, isQuick)
      }
    })
  },
}

export const cutOffFromRedis: Scenario = {
  id: 'F10',
  fault:
    'one instance is cut off from Redis for 8 s (nothing passes, nothing is told), the other not',
  expected:
    'healed by asking the log, both ways, ≤ 4.5 s for the first word each way, ≤ 1.5 s for the others; p95 ≤ 200 ms after, or as before',
  async play(stage) {
    const world = await stage.world('cluster', { documents: 1, people: 2 })
    const apart = await oneOnEach(world)
    await stage.under(world, async () => {
      await everybodyIn(world)
      await world.startRuns()
      const usual = percentile(await crossings(apart, SAMPLE), 0.95)
      world.instances[0]?.wires.bus?.set('both', { hole: 'hold' })
      const down = await crossings(apart, 8)
      await world.work(2_000, { rate: 8 })
      world.instances[0]?.wires.bus?.calm()
      await world.work(2_500, { rate: 8 })
      const after = await crossings(apart, SAMPLE)
      stage.evidence.figure('while cut off', down.map(Math.round).join(' '), 'ms')
      stage.evidence.figure('p95 after', percentile(after, 0.95), 'ms')
      stage.evidence.inTime('healed by asking the log', healed(down, true))
      const isQuick = percentile(after, 0.95) <= Math.max(QUICK_MS, usual)
      stage.evidence.inTime('quick again after', isQuick)
    })
  },
}

export const oneCutOffFromDatabase: Scenario = {
  id: 'F07c',
  fault: 'one of two instances is cut off from Postgres for 20 s, half-open; the other is not',
  expected: 'its people are sent off ≤ 15 s and go on at the other one; 0 lost',
  async play(stage) {
    const world = await stage.world('cluster', { documents: 1, people: 4 })
    const [cut, other] = world.instances
    if (!cut || !other) throw new Error('a cluster has two')
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        await world.work(1_500, { rate: 10 })
        cut.wires.database?.set('both', { hole: 'hold' })
        const begin = performance.now()
        let movedAfter = 0
        while (performance.now() - begin < 20_000) {
          await world.work(500, { rate: 8 })
          const open = await cut.metric('gloss_connections')
          if (open === 0) movedAfter ||= performance.now() - begin
          // A balancer that asks who is ready sends people to the other one from now on.
          if ((await cut.readiness().catch(() => 'no')) !== 'ready')
            world.front.aim([other.gloss.port])
        }
        stage.evidence.figure('all moved after', movedAfter / 1000, 's')
        stage.evidence.expect(
          'people are sent off within 15 s',
          movedAfter > 0 && movedAfter <= 15_000,
        )
        const late = acksBetween(world, performance.now() - 3_000, performance.now())
        stage.evidence.figure('acks in the last 3 s of it', late)
        cut.wires.database?.calm()
        world.front.aim([cut.gloss.port, other.gloss.port])
      },
      40_000,
    )
  },
}

/** The first word each way may find nobody who knows yet. */
const healed = (down: readonly number[], isSilent = false): boolean =>
  down.every((ms, n) => ms <= (isSilent && n < 2 ? UNKNOWN_MS : HEALED_MS))

interface Apart {
  world: World
  place: Place
}

/** Two more people, each at an instance of their own. */
async function oneOnEach(world: World): Promise<Apart> {
  const [place] = world.places
  if (!place) throw new Error('an empty world')
  for (const { url } of world.instances) await world.addPerson(place, url)
  await everybodyIn(world)
  return { world, place }
}

let crossing = 0

/** Milliseconds that words take from one instance to the other, each way in turn. */
async function crossings({ place }: Apart, count: number): Promise<number[]> {
  const two = place.people.slice(-2)
  const took: number[] = []
  for (let n = 0; n < count; n++) {
    const [from, to] = n % 2 === 0 ? two : two.toReversed()
    if (!from || !to) throw new Error('nobody is apart')
    const word = personsWord(9_999, ++crossing)
    from.client.type(word, 0)
    const ms = await until(() => personsWords(to.client.doc).includes(word), 12_000).catch(() => {
      throw new Error(
        `the word ${n} did not cross; its writer is ${stateOf(from)}, its reader ${stateOf(to)}`,
      )
    })
    took.push(ms)
    await sleep(20)
  }
  return took
}

const stateOf = ({ client }: Typist): string =>
  `${client.settled ? 'saved' : 'not saved'}, closed ${client.closes.join(' ') || 'never'}`
