/** F17, F19, F23: clocks that lie, rights that go while people write, people long away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { api } from '#e2e/node-client.ts'
import type { RedisProcess } from '#e2e/redis-process.ts'
import { isTerminal } from '#shared/protocol/event.ts'
import type { Kind, Scenario } from '../stage.ts'
import { everybodyIn, until } from './people.ts'

const CLOCK = fileURLToPath(new URL('../skewed-clock.ts', import.meta.url))

export const clocks: Scenario = {
  id: 'F17',
  fault: 'the clock of the process is a day ahead, a day behind, or jumps by 10 s each second',
  expected: 'sessions live on, runs end by themselves, a kill’s runs are interrupted, 0 lost',
  async play(stage) {
    for (const how of ['+1d', '-1d', 'jump']) {
      const world = await stage.world('sqlite', {
        documents: 1,
        people: 2,
        sentences: 100,
        env: { NODE_OPTIONS: `--import ${CLOCK}`, FAULT_CLOCK: how },
      })
      const [instance] = world.instances
      if (!instance) throw new Error('an empty world')
      await stage.under(world, async () => {
        await everybodyIn(world)
        await world.startRuns()
        await world.work(2_500, { rate: 10 })
        const hasEnded = () => world.lanes[0]?.heard.some(({ event }) => isTerminal(event)) === true
        await until(hasEnded, 15_000)
        const { runs } = [...(await world.truth()).values()][0]!
        stage.evidence.figure(`the run (${how})`, runs.map(({ status }) => status).join(' '))
        stage.evidence.expect(`it ends by itself (${how})`, runs[0]?.status === 'finished')
        await world.startRuns()
        await world.work(400, { rate: 10 })
        await instance.kill()
        await instance.start()
        const refused = world.people
          .flatMap(({ client }) => client.closes)
          .filter((it) => it >= 4400)
        stage.evidence.expect(`nobody is logged out (${how})`, refused.length === 0)
      })
    }
  },
}

export const revoked = (kind: Kind): Scenario => ({
  id: kind === 'cluster' ? 'F19c' : 'F19',
  fault:
    kind === 'cluster'
      ? 'the right to write goes while people write on two instances, Redis up and Redis down'
      : 'the right to write goes while people write',
  expected:
    'no row of theirs after the revoking transaction; they are told so; 0 rows by strangers',
  async play(stage) {
    const redis: RedisProcess | undefined = kind === 'cluster' ? await stage.redis() : undefined
    for (const isDown of redis ? [false, true] : [false]) {
      const world = await stage.world(kind, { ...(redis && { redis }), documents: 2, people: 3 })
      await stage.under(world, async () => {
        await everybodyIn(world)
        await world.work(800 + stage.random.below(800), { rate: 15 })
        if (isDown) await redis?.kill()
        const typing = world.work(4_000, { rate: 15 })
        await sleep(stage.random.below(500))
        const [place] = world.places
        if (!place) throw new Error('an empty world')
        const path = `/api/documents/${place.id}`
        await api(world.front.url, place.owner, 'PATCH', path, { linkRole: 'view' })
        const head = (await world.truth()).get(place.id)!.head
        const revokedAt = performance.now()
        await typing
        const theirs = new Set(place.people.map(({ guest }) => guest.id))
        const { rows } = (await world.truth()).get(place.id)!
        const late = rows.filter(({ seq, actor }) => seq > head && theirs.has(actor))
        const acked = place.people
          .flatMap(({ client }) => client.edits)
          .filter(({ promisedAt = 0 }) => promisedAt > revokedAt + 300)
        const told = place.people.filter(({ client }) => client.nacks.includes(4403)).length
        const which = isDown ? ' (Redis down)' : ''
        stage.evidence.figure(`rows after${which}`, late.length)
        stage.evidence.figure(`told${which}`, `${told} of ${place.people.length}`)
        stage.evidence.invariant(
          'I16',
          late.map(({ seq, actor }) => `row ${seq} by ${actor}, who may not write any more`),
        )
        stage.evidence.expect(`nothing is acknowledged after${which}`, acked.length === 0)
        stage.evidence.expect(`they are told${which}`, told === place.people.length)
        if (isDown) await redis?.start()
        // What they may not write stays with them: these copies are never the document's again.
        place.gone.push(...place.people.splice(0))
        for (const one of place.gone) one.close()
      })
    }
  },
})

const EDITS = 5_000

export const longAway: Scenario = {
  id: 'F23',
  fault: `somebody makes ${EDITS} edits offline while the others write over several compactions and a kill`,
  expected: 'merged and saved when they return (the epoch is the same)',
  async play(stage) {
    const world = await stage.world('sqlite', {
      documents: 1,
      people: 3,
      limits: { roomIdleMs: 50 },
    })
    const [place] = world.places
    const [instance] = world.instances
    const away = world.people[0]
    if (!place || !instance || !away) throw new Error('an empty world')
    const others = world.people.filter((one) => one !== away)
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        away.client.provider.disconnect()
        for (let edit = 0; edit < EDITS; edit++) {
          away.step()
          if (edit % 100 === 0) await sleep(1)
        }
        for (let round = 0; round < 3; round++) {
          await world.startRuns()
          for (let n = 0; n < 250; n++) {
            for (const one of others) one.step()
            await sleep(4)
          }
          await until(() => others.every(({ client }) => client.settled), 20_000)
        }
        await instance.kill()
        await instance.start()
        const begin = performance.now()
        away.client.provider.connect()
        await until(() => away.client.settled, 20_000)
        stage.evidence.figure('edits offline', away.client.edits.length)
        stage.evidence.figure('saved after', (performance.now() - begin) / 1000, 's')
      },
      30_000,
    )
  },
}
