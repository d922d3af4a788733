/** F18, F20–F22: runs whose owner freezes or dies, whose model misbehaves, that many decide on. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario as Said } from '#e2e/model-server/scenario.ts'
import { isTerminal } from '#shared/protocol/event.ts'
import type { Kind, Scenario } from '../stage.ts'
import { modelText } from '../words.ts'
import type { World } from '../world.ts'
import { everybodyIn, until } from './people.ts'

export const zombie: Scenario = {
  id: 'F18c',
  fault: 'SIGSTOP of the instance that writes a run, for 10 s (lease 3 s), then SIGCONT',
  expected:
    'interrupted ≤ 5 s by the other one; the zombie commits nothing to that run any more and lets go of its model ≤ 1 s',
  async play(stage) {
    const world = await stage.world('cluster', { documents: 1, sentences: 1_500, tokenMs: 20 })
    const [place] = world.places
    const [owner, other] = world.instances
    if (!place || !owner || !other) throw new Error('a cluster has two')
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        const run = await world.ask(place, owner.url)
        await world.work(1_500, { rate: 10 })
        const deltas = async () => {
          const { events } = (await world.truth()).get(place.id)!
          return events.filter((event) => event.run === run.id)
        }
        const asked = world.model.requests.find(({ closedBy }) => !closedBy)
        owner.gloss.signal('SIGSTOP')
        const frozen = performance.now()
        let endedAfter = 0
        world.front.aim([other.gloss.port])
        while (performance.now() - frozen < 10_000) {
          await world.work(300, { rate: 5 })
          if (!endedAfter && (await deltas()).some(({ type }) => isTerminal(type))) {
            endedAfter = performance.now() - frozen
          }
        }
        const before = (await deltas()).length
        const woken = Date.now()
        owner.gloss.signal('SIGCONT')
        await world.work(3_000, { rate: 5 })
        const letGo = (asked?.closedAt ?? Number.POSITIVE_INFINITY) - woken
        const after = await deltas()
        world.front.aim(world.instances.map(({ gloss }) => gloss.port))
        const late = after.length - before
        stage.evidence.figure('ended after', endedAfter / 1000, 's')
        stage.evidence.figure('events of the zombie', late)
        stage.evidence.figure('model let go after', letGo / 1000, 's')
        stage.evidence.expect('the zombie commits nothing', late === 0)
        const left = asked?.closedBy === 'client' && letGo >= 0 && letGo <= 1_000
        stage.evidence.expect('the zombie lets go of its model', left)
        const inTime = endedAfter > 0 && endedAfter <= 5_500
        stage.evidence.expect('the other one ended it in time', inTime)
      },
      30_000,
    )
  },
}

const SENTENCES = 30
const MISBEHAVIOURS: { name: string; said: Partial<Said>[] }[] = [
  { name: 'reset mid-stream', said: [{ fault: 'reset', at: 40 }] },
  {
    name: '429 twice',
    said: [
      { status: 429, retryAfter: '1' },
      { status: 429, retryAfter: '1' },
    ],
  },
  { name: '500 twice', said: [{ status: 500 }, { status: 500 }] },
  { name: 'hangs before the headers', said: [{ fault: 'hang', at: 'headers' }] },
  { name: 'hangs mid-stream', said: [{ fault: 'hang', at: 30 }] },
  { name: 'only comments', said: [{ fault: 'comments', at: 30 }] },
  { name: 'not JSON', said: [{ fault: 'malformed', at: 20, count: 3 }] },
  { name: 'an error frame', said: [{ fault: 'error-frame', at: 20 }] },
  { name: 'a page', said: [{ shape: 'html' }] },
  { name: 'one byte at a time', said: [{ drip: 1 }] },
  { name: 'a line without end', said: [{ fault: 'endless-line', at: 20 }] },
  { name: 'never ends', said: [{ text: modelText(4_000), delay: 1 }] },
]

export const modelFaults: Scenario = {
  id: 'F20',
  fault: `a model server that misbehaves in ${MISBEHAVIOURS.length} ways`,
  expected: 'one terminal event each, with its reason; what was written stays; the server lives',
  async play(stage) {
    const world = await stage.world('sqlite', {
      documents: 1,
      people: 2,
      sentences: SENTENCES,
      limits: { runSilenceMs: 1_500, runWallMs: 6_000 },
    })
    const [place] = world.places
    if (!place) throw new Error('an empty world')
    const ends: string[] = []
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        for (const { name, said } of MISBEHAVIOURS) {
          const text = modelText(SENTENCES)
          world.model.script(...said.map((one) => ({ text, delay: 5, ...one })))
          const run = await world.ask(place)
          const typing = world.work(500)
          const end = () =>
            place.lanes[0]?.heard.find(
              ({ event, data }) => isTerminal(event) && data.includes(run.id),
            )
          await until(() => end() !== undefined, 15_000)
          await typing
          const { kind, reason } = JSON.parse(end()!.data) as { kind?: string; reason?: string }
          ends.push(`${name}: ${kind ?? reason}`)
          world.model.reset()
          for (const { id } of await world.suggestions(place)) {
            await world.decideOn(place, id, 'reject')
          }
        }
      },
      30_000,
    )
    stage.evidence.figure('ends', ends.join(', '))
  },
}

export const ownerKilledAtChunks = (kind: Kind): Scenario => ({
  id: kind === 'cluster' ? 'F21c' : 'F21',
  fault: `the owner of a run is killed when a chunk is complete; three readers come and go (${kind})`,
  expected: 'ids strictly +1 for each reader; exactly one end ≤ 13 s (lease + 10 s)',
  async play(stage) {
    const world = await stage.world(kind, { documents: 1, people: 2, tokenMs: 15 })
    const [place] = world.places
    const [owner, other] = world.instances
    if (!place || !owner) throw new Error('an empty world')
    const urls = () => (other ? other.url : world.front.url)
    for (let reader = 0; reader < 3; reader++) place.lanes.push(world.follow(place, urls))
    const waits: number[] = []
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        for (let round = 0; round < stage.rounds; round++) {
          const run = await world.ask(place, owner.url)
          const chunks = 1 + stage.random.below(4)
          const heard = (event: (name: string) => boolean) =>
            place.lanes[0]!.heard.filter((word) => event(word.event) && word.data.includes(run.id))
          await until(() => heard((name) => name === 'run.chunk').length >= chunks, 15_000)
          for (const lane of place.lanes) if (stage.random.chance(0.7)) lane.drop()
          await owner.kill()
          const killed = performance.now()
          await stage.look(world)
          await world.work(500)
          await owner.start()
          for (const lane of place.lanes) if (stage.random.chance(0.5)) lane.drop()
          await until(() => heard(isTerminal).length > 0, 20_000)
          waits.push(performance.now() - killed)
        }
      },
      30_000,
    )
    const returns = place.lanes.reduce((sum, lane) => sum + lane.returns, 0)
    stage.evidence.figure('longest wait for the end', Math.max(...waits) / 1000, 's')
    stage.evidence.figure('returns of readers', returns)
    stage.evidence.expect('an end within 13 s', Math.max(...waits) <= 13_000)
  },
})

export const decisionRace = (kind: Kind): Scenario => ({
  id: kind === 'cluster' ? 'F22c' : 'F22',
  fault: `five people accept and reject the same text within 5 ms while it streams, then a kill (${kind})`,
  expected: 'one decision wins, the others are told 409; no character of a person goes',
  async play(stage) {
    const world = await stage.world(kind, { tokenMs: 6 })
    const answers = new Map<number, number>()
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        for (let round = 0; round < stage.rounds * 2; round++) {
          await world.startRuns()
          await world.work(300 + stage.random.below(700), { rate: 8 })
          await Promise.all(world.places.map((place) => race(world, place.id, answers)))
          if (round % 2 === 1) {
            const victim = stage.random.pick(world.instances)
            await victim.kill()
            await stage.look(world)
            await victim.start()
            await everybodyIn(world)
          }
        }
      },
      30_000,
    )
    const told = [...answers].sort().map(([status, count]) => `${count} × ${status}`)
    stage.evidence.figure('answers', told.join(', '))
    stage.evidence.expect('decisions were taken', (answers.get(200) ?? 0) > 0)
    const odd = [...answers.keys()].filter((status) => ![0, 200, 409, 503].includes(status))
    stage.evidence.expect(`no other answers (${odd.join(' ')})`, odd.length === 0)
  },
})

/** Five at once on what is pending; whole suggestions, and single chunks of them. */
async function race(world: World, id: string, answers: Map<number, number>): Promise<void> {
  const place = world.places.find((one) => one.id === id)!
  const pending = await world.suggestions(place)
  const all = pending.flatMap((suggestion) =>
    Array.from({ length: 5 }, async () => {
      await sleep(world.random.below(5))
      const { url } = world.random.pick(world.up)
      const open = suggestion.chunks.filter(({ state }) => state === 'open').map(({ n }) => n)
      // No chunks at all are a bad request.
      const some = world.random.chance(0.5) && open.length > 0 ? open.slice(0, 2) : undefined
      const decision = world.random.chance(0.5) ? 'accept' : 'reject'
      return world.decideOn(place, suggestion.id, decision, url, some).catch(() => 0)
    }),
  )
  for (const status of await Promise.all(all)) answers.set(status, (answers.get(status) ?? 0) + 1)
}
