/** F13: somebody who does not read, while much is written for the others. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../evidence.ts'
import type { Instance } from '../instance.ts'
import { FaultProxy } from '../proxy.ts'
import type { Scenario, Stage } from '../stage.ts'
import type { Typist } from '../typist.ts'
import { personsWords } from '../words.ts'
import type { Place, World } from '../world.ts'
import { everybodyIn, until } from './people.ts'

const MIB = 1024 * 1024
const PASTE = 250_000
const FLOW = 8 * MIB
const TURNS = 2
/** A disk pauses for longer than any reader could cost: of that the figures are to be free. */
const MEMORY = '/dev/shm'

export const pausedReaders: Scenario = {
  id: 'F13',
  fault:
    'one of five readers reads nothing while 8 MiB are pasted for the others, twice, and twice it reads; the database is in memory',
  expected:
    'let go or left behind; RSS +≤ 24 MiB over the same without it; the others’ p95 ≤ 100 ms, or ≤ 1.25 times the same without it; it has all on return',
  async play(stage) {
    const dataDir = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'gloss-paused-'))
    try {
      await pausedBy(stage, dataDir)
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
}

async function pausedBy(stage: Stage, dataDir: string): Promise<void> {
  const world = await stage.world('sqlite', {
    dataDir,
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
  await stage.under(world, () => turns({ stage, world, place, instance, link, idle }), 40_000)
}

interface Scene {
  stage: Stage
  world: World
  place: Place
  instance: Instance
  link: FaultProxy
  idle: Typist
}

/** With it and without it in turns, so that a slow minute of the machine meets both. */
async function turns({ stage, world, place, instance, link, idle }: Scene): Promise<void> {
  const { evidence } = stage
  const others = place.people.filter((one) => one !== idle)
  const [reader, writer] = [others[0]!, others[3]!]
  await everybodyIn(world)
  const sizes = [await flow(others, instance)]
  const calm: number[] = []
  const paused: number[] = []
  for (let n = 0; n < TURNS; n++) {
    const calmly = listen(writer, reader)
    sizes.push(await flow(others, instance))
    calm.push(...calmly())
    const latencies = listen(writer, reader)
    link.set('down', { hole: 'stop' })
    sizes.push(await flow(others, instance))
    paused.push(...latencies())
    // Once it reads again while it is behind, once when it was or should have been let go.
    if (n > 0)
      await until(() => idle.client.closes.length > 0 || link.size === 0, 15_000).catch(late)
    link.calm()
    await until(() => idle.client.settled, 20_000)
  }
  const [first = 0, second = 0, third = 0] = sizes
  // The log grows with each flow, and what V8 keeps with it: so much more it would be anyway.
  const more = third - second - Math.max(0, second - first)
  const usual = percentile(calm, 0.95)
  const p95 = percentile(paused, 0.95)
  evidence.figure(
    'RSS of a first flow, and without and with it in turns',
    sizes.map(Math.round).join(', '),
    'MiB',
  )
  evidence.figure('others p95 without and with it', `${usual.toFixed(0)}, ${p95.toFixed(0)}`, 'ms')
  evidence.figure('seen', `${calm.length}, ${paused.length}`)
  evidence.figure('its close codes', idle.client.closes.join(' ') || 'none, it was behind')
  evidence.expect('memory is bounded', more <= 24)
  evidence.expect('the others do not notice', p95 <= Math.max(100, usual * 1.25))
}

/** Then the close is what it reads first when it reads again. */
const late = () => undefined

/** All but one paste and take it away again, and one types; the most memory that was seen. */
async function flow(others: readonly Typist[], instance: Instance): Promise<number> {
  let most = 0
  for (let n = 0; n * PASTE < FLOW; n++) {
    others[n % 3]!.paste(PASTE)
    others[n % 3]!.unpaste()
    others[3]!.step()
    most = Math.max(most, instance.mebibytes)
    await sleep(250)
  }
  await until(() => others.every(({ client }) => client.settled), 20_000)
  return Math.max(most, instance.mebibytes)
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
