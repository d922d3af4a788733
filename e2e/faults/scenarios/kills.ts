/** F01, F02, F03, F26: processes that die, all at once, gently, and people who come and go. */
import { setTimeout as sleep } from 'node:timers/promises'
import { NodeClient } from '#e2e/node-client.ts'
import { percentile } from '../evidence.ts'
import type { Kind, Scenario } from '../stage.ts'
import { everybodyIn, until } from './people.ts'

export const killOne = (kind: Kind): Scenario => ({
  id: kind === 'cluster' ? 'F01c' : kind === 'postgres' ? 'F01p' : 'F01',
  fault: `SIGKILL of an instance at random moments while people type and runs stream (${kind})`,
  expected: '0 acknowledged edits lost; everybody back, p95 ≤ 3 s after it serves again',
  async play(stage) {
    const world = await stage.world(kind)
    const back: number[] = []
    await stage.under(world, async () => {
      for (let round = 0; round < stage.rounds; round++) {
        await everybodyIn(world)
        await world.startRuns()
        await world.work(300 + stage.random.below(900), { rate: 12, decides: true })
        const victim = stage.random.pick(world.instances)
        await victim.kill()
        await stage.look(world)
        if (kind === 'cluster') back.push(await everybodyIn(world))
        await victim.start()
        if (kind !== 'cluster') back.push(await everybodyIn(world))
      }
    })
    stage.evidence.figure('kills', back.length)
    stage.evidence.figure('back p95', percentile(back, 0.95) / 1000, 's')
    stage.evidence.expect('everybody is back within 3 s', percentile(back, 0.95) <= 3_000)
  },
})

const WAITING = 150

export const killAll = (kind: Kind): Scenario => ({
  id: kind === 'sqlite' ? 'F02' : 'F02c',
  fault: `SIGKILL of every instance, start again with ${WAITING} clients that wait (${kind})`,
  expected: '0 lost; everybody has the document ≤ 15 s after it serves',
  async play(stage) {
    const world = await stage.world(kind, { limits: { connectionsPerDocument: 400 } })
    const crowd: NodeClient[] = []
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        await world.startRuns()
        await world.work(1_500, { rate: 10 })
        for (const { id, owner } of world.places) {
          for (let n = 0; n < WAITING / world.places.length; n++) {
            crowd.push(new NodeClient(world.front.url, owner, id))
          }
        }
        await until(() => crowd.every(({ provider }) => provider.synced), 20_000)
        await Promise.all(world.instances.map((instance) => instance.kill()))
        await stage.look(world)
        await Promise.all(world.instances.map((instance) => instance.start()))
        const begin = performance.now()
        await until(() => crowd.every(({ provider }) => provider.synced), 20_000)
        const ms = performance.now() - begin
        stage.evidence.figure('crowd', crowd.length)
        stage.evidence.figure('all in after', ms / 1000, 's')
        stage.evidence.expect('all are in within 15 s', ms <= 15_000)
        const empty = crowd.filter(({ text }) => !text.includes('stays')).length
        stage.evidence.expect('nobody was served an empty document', empty === 0)
        for (const client of crowd) client.close()
      },
      30_000,
    )
  },
})

export const comeAndGo: Scenario = {
  id: 'F03',
  fault: '100 people a second come into one document and leave at once, the last one out too',
  expected: 'no empty document is ever served; memory flat (± 10 %, or 16 MiB)',
  async play(stage) {
    const world = await stage.world('sqlite', {
      documents: 1,
      people: 1,
      limits: { roomIdleMs: 20, connectionsPerDocument: 1_000, socketsPerUser: 1_000 },
    })
    const [place] = world.places
    const [instance] = world.instances
    if (!place || !instance) throw new Error('an empty world')
    await everybodyIn(world)
    await world.work(1_000)
    let served = 0
    let empty = 0
    const visit = async () => {
      const client = new NodeClient(world.front.url, place.owner, place.id)
      await until(() => client.provider.synced, 10_000).catch(() => undefined)
      if (client.provider.synced) {
        served++
        if (!client.text.includes('stays')) empty++
      }
      client.close()
    }
    const storm = async (ms: number) => {
      const visits: Promise<void>[] = []
      const end = performance.now() + ms
      while (performance.now() < end) {
        // Now and then nobody is left: the room goes, and the next who comes opens it anew.
        if (stage.random.chance(0.02)) await Promise.all(visits.splice(0))
        if (stage.random.chance(0.02)) await sleep(40)
        visits.push(visit())
        await sleep(9)
      }
      await Promise.all(visits)
    }
    await stage.under(world, async () => {
      const typing = world.work(9_000, { rate: 5 })
      await storm(4_000)
      const before = instance.mebibytes
      const at = served
      const begin = performance.now()
      await storm(6_000)
      const after = instance.mebibytes
      const rate = (served - at) / ((performance.now() - begin) / 1000)
      await typing
      stage.evidence.figure('visits', served)
      stage.evidence.figure('a second', Math.round(rate))
      stage.evidence.figure('RSS', `${Math.round(before)} → ${Math.round(after)}`, 'MiB')
      stage.evidence.expect('nobody was served an empty document', empty === 0)
      stage.evidence.expect('memory is flat', after <= Math.max(before * 1.1, before + 16))
    })
  },
}

export const terminate = (kind: Kind): Scenario => ({
  id: kind === 'cluster' ? 'F26c' : 'F26',
  fault: `SIGTERM under full load, with runs that would go on for a minute (${kind})`,
  expected: 'exit ≤ 25 s with code 0; 0 lost; runs ended by a terminal event',
  async play(stage) {
    const world = await stage.world(kind, {
      sentences: 1_500,
      limits: { drainMs: 2_000, runOutputTokens: 100_000 },
    })
    await stage.under(world, async () => {
      await everybodyIn(world)
      await world.startRuns()
      const typing = world.work(6_000, { rate: 10 })
      await sleep(1_500)
      const begin = performance.now()
      const codes = await Promise.all(world.instances.map((instance) => instance.terminate()))
      const ms = performance.now() - begin
      await stage.look(world)
      const truth = await world.truth()
      const live = [...truth.values()].flatMap(({ runs }) => runs.filter((run) => !run.endedAt))
      stage.evidence.figure('exit', `${codes.join(', ')} after ${(ms / 1000).toFixed(1)}`, 's')
      stage.evidence.expect(
        'it exits with 0',
        codes.every((code) => code === 0),
      )
      stage.evidence.expect('it exits within 25 s', ms <= 25_000)
      stage.evidence.expect(`no run is left without an end (${live.length})`, live.length === 0)
      await Promise.all(world.instances.map((instance) => instance.start()))
      await typing
    })
  },
})
