/**
 * The end of a scenario: calm, everything settled, and every invariant looked at. Also the watch
 * that looks, while faults strike, whether what people see and were promised is in the database.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { api } from '#e2e/node-client.ts'
import { documentHash } from '#shared/document/hash.ts'
import type { RunInfo } from '#shared/protocol/api.ts'
import type { Evidence } from './evidence.ts'
import type { Instance } from './instance.ts'
import {
  broken,
  decidedTwice,
  diverged,
  doubled,
  laneFaults,
  lostErases,
  lostInserts,
  peeked,
  pending,
  promisedTo,
  runFaults,
  seenBy,
  strangers,
  unwritten,
} from './invariants.ts'
import { Patience } from './patience.ts'
import type { TrueDocument } from './truth.ts'
import type { Place, World } from './world.ts'

const LOOK_MS = 300
const STILL_MS = 500
/** What a look at everything and a while of stillness take together. */
const TURN_MS = 1_000
/** MiB resident at the end; what ten rounds of load leave is looked at by a scenario of its own. */
const LARGEST = 400
/** Worth telling what it was. */
const LONG_MS = 3_000
/** More than before anybody came, of each thing that an instance can hold. */
const MORE = 2
/** Beside them the clocks that a first use starts: of kept connections, sweeps, the runs' limits. */
const CLOCKS = 5
/** Connections to Postgres that are kept for a minute, each with a timer. */
const POOL = 10

/** One look at I8 and I13: what is seen and promised now is in the database read after it. */
export async function look(world: World, evidence: Evidence): Promise<boolean> {
  const moments = world.places.map((place) => ({
    place,
    seen: seenBy(place.people),
    promised: promisedTo(place.people),
    heard: place.lanes.map(({ last }) => last),
  }))
  let truth: Map<string, TrueDocument>
  try {
    truth = await world.truth()
  } catch {
    return false // the database is what is broken right now
  }
  for (const { place, seen, promised, heard } of moments) {
    const found = truth.get(place.id)!
    const early = heard.filter((last) => last > found.eventHead)
    evidence.invariant('I8', [
      ...peeked(seen, found),
      ...early.map((last) => `event ${last} was heard, committed is ${found.eventHead}`),
    ])
    evidence.invariant('I13', [...lostInserts(promised, found), ...lostErases(promised, found)])
  }
  return true
}

/** Looks again and again until it is disposed. */
export function watch(world: World, evidence: Evidence): AsyncDisposable {
  const stop = new AbortController()
  const done = (async () => {
    while (!stop.signal.aborted) {
      await look(world, evidence)
      await sleep(LOOK_MS, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}

/** Waits until all is saved, runs have ended and everybody has the same; how long, for what. */
export async function settle(
  world: World,
  patienceMs = 20_000,
): Promise<{ ms: number; last: string }> {
  const begin = performance.now()
  const patience = new Patience(patienceMs, TURN_MS)
  let last = ''
  for (;;) {
    const ms = performance.now() - begin
    const waits = await whatIsUnsettled(world)
    if (waits === undefined && (await isStill(world))) return { ms, last }
    last = waits ?? 'the log still grows'
    if (patience.isOver()) throw new Unsettled(last)
    await sleep(100)
  }
}

/** Who or what had not come to rest in its time. */
export class Unsettled extends Error {}

/** Rooms tidy up behind themselves a moment later: nothing was written for a while. */
async function isStill(world: World): Promise<boolean> {
  const heads = async () => [...(await world.truth()).values()].map(({ head }) => head).join()
  const before = await heads()
  await sleep(STILL_MS)
  return (await heads()) === before
}

async function whatIsUnsettled(world: World): Promise<string | undefined> {
  const late = world.people.filter(({ client }) => !client.settled)
  if (late.length > 0) {
    const { client, person } = late[0]!
    const open = client.edits.filter(({ promisedAt }) => promisedAt === undefined).length
    return `${late.length} people wait; person ${person} is ${client.provider.synced ? 'in' : 'out'}, ${open} of ${client.edits.length} edits not acknowledged, closes ${client.closes.slice(-5).join(' ')}, nacks ${client.nacks.join(' ')}`
  }
  try {
    for (const place of world.places) {
      const runs = await runsOf(world, place)
      const live = runs.filter(({ endedAt }) => endedAt === null)
      if (live.length > 0) return `${live.length} runs have not ended: ${live[0]!.status}`
    }
    const truth = await world.truth()
    for (const place of world.places) {
      const found = truth.get(place.id)!
      const [differs] = diverged(place.people, found)
      if (differs) return differs
      const behind = place.lanes.find(({ last }) => last < found.eventHead)
      if (behind) return `a reader of the lane heard ${behind.last} of ${found.eventHead}`
      const [instance] = await instancesThatDiffer(world, place, found)
      if (instance) return instance
    }
  } catch (error) {
    return `somebody does not answer: ${String(error)}`
  }
  return undefined
}

async function runsOf(world: World, { id, owner }: Place): Promise<RunInfo[]> {
  const answer = await api(world.front.url, owner, 'GET', `/api/documents/${id}/runs`)
  return (answer as { runs: RunInfo[] }).runs
}

/** What each instance says of itself, against the log. */
async function instancesThatDiffer(
  world: World,
  { id, owner }: Place,
  truth: TrueDocument,
): Promise<string[]> {
  const hashes = await Promise.all(
    world.up.map(({ url }) => api(url, owner, 'GET', `/api/documents/${id}/hash`)),
  )
  const right = documentHash(truth.doc)
  return hashes.flatMap((answer, n) =>
    (answer as { hash: string }).hash === right ? [] : [`instance ${n} has another text`],
  )
}

/** Decides everything that is pending, then holds the world against every invariant. */
export async function judge(world: World, evidence: Evidence, patienceMs?: number): Promise<void> {
  try {
    const { ms, last } = await settle(world, patienceMs)
    evidence.figure('settled after', ms / 1000, 's')
    if (ms > LONG_MS) evidence.figure('it waited for', last)
    await decideAll(world)
    await settle(world, patienceMs)
  } catch (error) {
    if (!(error instanceof Unsettled)) throw error
    evidence.invariant('I5', [error.message])
  }
  await look(world, evidence)
  const truth = await world.truth()
  for (const place of world.places) await judgePlace(world, place, truth.get(place.id)!, evidence)
  evidence.figure('looked at', looked(world, [...truth.values()]))
  await judgeInstances(world, evidence)
}

/** How much there was to go wrong: nothing held is worth nothing where nothing happened. */
function looked(world: World, truth: readonly TrueDocument[]): string {
  const edits = world.people.flatMap(({ client }) => client.edits)
  const erases = edits.filter(({ op }) => op === 'erase').length
  const sum = (of: (document: TrueDocument) => number) =>
    truth.reduce((all, document) => all + of(document), 0)
  const chunks = truth.flatMap((document) => document.chunks)
  const decided = chunks.filter(({ state }) => state === 'accepted' || state === 'rejected')
  return `${edits.length} edits (${erases} deletes), ${sum(({ head }) => head)} rows, ${sum(({ snapshots }) => snapshots.length)} snapshots, ${sum(({ runs }) => runs.length)} runs, ${decided.length} decided chunks, ${sum(({ eventHead }) => eventHead)} events`
}

async function decideAll(world: World): Promise<void> {
  for (const place of world.places) {
    const found = await world.suggestions(place)
    for (const { id } of found) {
      await world.decideOn(place, id, world.random.chance(0.5) ? 'accept' : 'reject')
    }
  }
}

async function judgePlace(
  world: World,
  place: Place,
  truth: TrueDocument,
  evidence: Evidence,
): Promise<void> {
  const { people, lanes } = place
  const promised = promisedTo(people)
  const { order, outcome } = runFaults(truth, world.sentences)
  evidence.invariant('I1', lostInserts(promised, truth))
  evidence.invariant('I2', lostErases(promised, truth))
  evidence.invariant('I3', doubled(truth))
  evidence.invariant('I4', unwritten([...people, ...place.gone], truth))
  evidence.invariant('I5', [
    ...diverged(people, truth),
    ...(await instancesThatDiffer(world, place, truth)),
  ])
  evidence.invariant('I6', pending(truth))
  evidence.invariant('I7', broken(people, truth))
  evidence.invariant('I9', order)
  evidence.invariant('I10', outcome)
  evidence.invariant('I11', decidedTwice(truth))
  evidence.invariant('I12', laneFaults(lanes, truth))
  evidence.invariant('I16', strangers(truth, new Set(world.guests.keys())))
}

/** Everybody leaves; rooms and sockets must go, and nothing may have been said in despair. */
async function judgeInstances(world: World, evidence: Evidence): Promise<void> {
  await world.leave()
  // What our own requests keep alive is none of theirs, by the front or past it.
  world.front.cut()
  world.front.mend()
  const kept = getGlobalDispatcher()
  setGlobalDispatcher(new Agent())
  await kept.close()
  const reasons: string[] = []
  for (const [n, instance] of world.instances.entries()) {
    reasons.push(...instance.complaints.map((line) => `instance ${n} said ${line}`))
    if (instance.deaths > 0 || (instance.isUp && !instance.gloss.alive)) {
      reasons.push(`instance ${n} died by itself: ${instance.gloss.output.slice(-300)}`)
      continue
    }
    if (instance.isUp) reasons.push(...(await leftBehind(world, n)))
  }
  evidence.invariant('I14', reasons)
  const largest = Math.max(...world.up.map(({ mebibytes }) => mebibytes))
  evidence.figure('RSS at the end', Math.round(largest), 'MiB')
  evidence.invariant('I15', largest > LARGEST ? [`an instance has ${Math.round(largest)} MiB`] : [])
}

async function leftBehind(world: World, n: number): Promise<string[]> {
  const instance = world.instances[n]!
  // To look inside takes seconds where the machine is crowded.
  const end = performance.now() + 20_000
  for (;;) {
    const connections = await instance.metric('gloss_connections')
    const rooms = await instance.metric('gloss_rooms')
    const isLeft = connections === 0 && rooms === 0
    const more = isLeft ? await moreThanAtRest(instance) : []
    if (isLeft && more.length === 0) return []
    if (performance.now() > end) {
      return [
        `instance ${n} still has ${connections} connections, ${rooms} rooms, ${more.join(', ')}`,
      ]
    }
    await sleep(200)
  }
}

/** What it holds beyond what it held before anybody came, in words. */
async function moreThanAtRest(instance: Instance): Promise<string[]> {
  const { atRest, wires } = instance
  const now = await instance.held()
  const pool = wires.database ? POOL : 0
  const may = { sockets: MORE + pool, files: MORE, timers: CLOCKS + pool, docs: MORE }
  return (Object.keys(may) as (keyof typeof may)[]).flatMap((what) => {
    const more = now[what] - atRest[what]
    return more > may[what] ? [`${more} ${what} more`] : []
  })
}
