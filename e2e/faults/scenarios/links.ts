/** F11–F13: bad ways between people and the server, half-open ones, and people who do not read. */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../evidence.ts'
import { FaultProxy } from '../proxy.ts'
import type { Scenario } from '../stage.ts'
import type { Typist } from '../typist.ts'
import { personsWords } from '../words.ts'
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

const MIB = 1024 * 1024
const PASTE = 250_000
const FLOW = 8 * MIB

export const pausedReaders: Scenario = {
  id: 'F13',
  fault: 'one of five readers reads nothing while 8 MiB are pasted for the others',
  expected:
    'let go or left behind; RSS +≤ 24 MiB over the same without it; the others’ p95 ≤ 100 ms, or ≤ 1.25 times the same without it; it has all on return',
  async play(stage) {
    const world = await stage.world('sqlite', {
      documents: 1,
      people: 4,
      lanes: false,
      limits: { documentBytes: 128 * MIB, bytesPerSecond: 64 * MIB, bytesBurst: 64 * MIB },
    })
    const [place] = world.places
    const [instance] = world.instances
    if (!place || !instance) throw new Error('an empty world')
    await using link = await FaultProxy.open({ targets: [instance.gloss.port], seed: stage.seed })
    const idle = await world.addPerson(place, link.url)
    const others = place.people.filter((one) => one !== idle)
    /** Everybody else pastes and takes it away again; the most memory that was seen. */
    const flow = async (): Promise<number> => {
      let most = 0
      for (let n = 0; n * PASTE < FLOW; n++) {
        others[n % 3]!.paste(PASTE)
        others[n % 3]!.unpaste()
        if (n % 2 === 0) others[3]!.step()
        most = Math.max(most, instance.mebibytes)
        await sleep(250)
      }
      await until(() => others.every(({ client }) => client.settled), 20_000)
      return Math.max(most, instance.mebibytes)
    }
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        const first = await flow()
        const calmly = listen(others[3]!, others[0]!)
        const calm = await flow()
        const usual = percentile(calmly(), 0.95)
        const latencies = listen(others[3]!, others[0]!)
        link.set('down', { hole: 'stop' })
        const paused = await flow()
        const seen = latencies()
        await until(() => idle.client.closes.length > 0 || link.size === 0, 15_000).catch(
          () => undefined, // then the close is what it reads first when it reads again
        )
        link.calm()
        await until(() => idle.client.settled, 20_000)
        // The log grows with each flow, and what V8 keeps with it: so much more it would be anyway.
        const more = paused - calm - Math.max(0, calm - first)
        const seenAs = [first, calm, paused].map(Math.round).join(', ')
        stage.evidence.figure('RSS of a first, a second and the paused flow', seenAs, 'MiB')
        const p95 = percentile(seen, 0.95)
        stage.evidence.figure(
          'others p95 without and with it',
          `${usual.toFixed(0)}, ${p95.toFixed(0)}`,
          'ms',
        )
        stage.evidence.figure('seen', seen.length)
        stage.evidence.figure(
          'its close codes',
          idle.client.closes.join(' ') || 'none, it was behind',
        )
        stage.evidence.expect('memory is bounded', more <= 24)
        stage.evidence.expect('the others do not notice', p95 <= Math.max(100, usual * 1.25))
      },
      40_000,
    )
  },
}

/** Measures how long the words of one take to another, until it is asked. */
function listen(writer: Typist, reader: Typist): () => number[] {
  const seen = new Map<string, number>()
  const look = () => {
    for (const word of personsWords(reader.client.doc)) {
      if (!seen.has(word)) seen.set(word, performance.now())
    }
  }
  look()
  const from = writer.client.edits.length
  reader.client.doc.on('update', look)
  return () => {
    reader.client.doc.off('update', look)
    return writer.client.edits.slice(from).flatMap(({ op, word, at }) => {
      const arrived = seen.get(word)
      return op === 'insert' && arrived !== undefined ? [arrived - at] : []
    })
  }
}
