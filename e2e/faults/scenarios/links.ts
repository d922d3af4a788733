/** F11 and F12: bad ways between people and the server, and half-open ones. */
import { FaultProxy } from '../proxy.ts'
import type { Scenario } from '../stage.ts'
import { everybodyIn, until } from './people.ts'

export const badLink: Scenario = {
  id: 'F11',
  fault: '300 ms ± 200 ms of delay, slices of 1–7 bytes, a reset every 0.5–2.5 s, for 10 s',
  expected: 'everybody has the same ≤ 5 s after it is calm; nothing twice',
  async play(stage) {
    const world = await stage.world('sqlite')
    let resets = 0
    await stage.under(world, async () => {
      await everybodyIn(world)
      await world.startRuns()
      world.front.set('both', { delayMs: 300, jitterMs: 200, sliceBytes: 7 })
      const end = performance.now() + 10_000
      while (performance.now() < end) {
        await world.work(500 + stage.random.below(2_000), { rate: 6, decides: true })
        world.front.reset('one')
        resets++
      }
      world.front.calm()
      const calm = performance.now()
      await until(() => world.people.every(({ client }) => client.settled), 10_000)
      const ms = performance.now() - calm
      stage.evidence.figure('resets', resets)
      stage.evidence.figure('all saved after', ms / 1000, 's')
      stage.evidence.expect('all is saved 5 s after it is calm', ms <= 5_000)
    })
  },
}

export const halfOpen: Scenario = {
  id: 'F12',
  fault: 'every packet of one person vanishes, both ways, and the end of the connection too',
  expected: 'the server frees the socket after 3 pings (45 s by default, here 3 s); others go on',
  async play(stage) {
    const world = await stage.world('sqlite', {
      documents: 1,
      limits: { pingMs: 1_000, deadMs: 3_000 },
    })
    const [place] = world.places
    const [instance] = world.instances
    if (!place || !instance) throw new Error('an empty world')
    await using link = await FaultProxy.open({ targets: [instance.gloss.port], seed: stage.seed })
    const lonely = await world.addPerson(place, link.url)
    await stage.under(world, async () => {
      await everybodyIn(world)
      await world.work(1_000)
      const sockets = world.people.length
      link.set('both', { hole: 'swallow' })
      const begin = performance.now()
      lonely.step()
      let freed = 0
      while (performance.now() - begin < 8_000 && !freed) {
        await world.work(250)
        const open = await instance.metric('gloss_connections')
        // The reader of the lane is one of them.
        if (open < sockets + 1) freed = performance.now() - begin
      }
      stage.evidence.figure('freed after', freed / 1000, 's')
      stage.evidence.expect('the socket is freed', freed > 0 && freed <= 5_500)
      link.calm()
      const closed = performance.now()
      await until(() => lonely.client.settled, 10_000)
      stage.evidence.figure('saved after it is back', (performance.now() - closed) / 1000, 's')
    })
  },
}
