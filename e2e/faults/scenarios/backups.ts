/** F24: a backup made under load, brought back elsewhere, and held against what was promised. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GlossProcess } from '#e2e/gloss-process.ts'
import { firstProgram, POSTGRES_FOLDERS } from '#e2e/needs.ts'
import {
  doubled,
  lostErases,
  lostInserts,
  type Promised,
  pending,
  promisedTo,
  unwritten,
} from '../invariants.ts'
import { Impossible, type Scenario, type Stage } from '../stage.ts'
import { readTruth, type TrueDocument } from '../truth.ts'
import type { World } from '../world.ts'
import { everybodyIn, until } from './people.ts'

const run = promisify(execFile)

export const backupUnderLoad: Scenario = {
  id: 'F24',
  fault:
    '`gloss backup` while people type; the machine is lost, another one has the backup (one writer a document)',
  expected:
    'all that was acknowledged before it began is in it, whole; people give back what came later',
  async play(stage) {
    const folder = await mkdtemp(join(tmpdir(), 'gloss-f24-'))
    const elsewhere = join(folder, 'elsewhere')
    let other: GlossProcess | undefined
    try {
      // What others, runs or the room write after it, nobody has the right to bring back.
      const world = await stage.world('sqlite', { lanes: false, documents: 4, people: 1 })
      const [instance] = world.instances
      if (!instance) throw new Error('an empty world')
      await stage.under(world, async () => {
        const promised = await promisedBefore(world, false, async () => {
          const backup = join(folder, 'backup')
          await gloss(instance.gloss.dataDir, 'backup', backup)
          await gloss(elsewhere, 'restore', backup, '--merge')
        })
        const restored = () => readTruth({ sqlite: join(elsewhere, 'gloss.sqlite') }, idsOf(world))
        holdAgainst(stage, world, promised, await restored())

        for (const { client } of world.people) client.provider.disconnect()
        const later = world.places.map(({ people }) => promisedTo(people))
        other = await GlossProcess.start({ dataDir: elsewhere })
        world.front.aim([other.port])
        for (const { client } of world.people) client.provider.connect()
        const begin = performance.now()
        let missing: string[] = []
        do {
          await everybodyIn(world)
          const truth = await restored()
          missing = world.places.flatMap(({ id }, n) => lost(later[n]!, truth.get(id)!))
        } while (missing.length > 0 && performance.now() - begin < 15_000)
        stage.evidence.figure('given back after', (performance.now() - begin) / 1000, 's')
        stage.evidence.invariant('I1', missing)
        const nacks = world.people.flatMap(({ client }) => client.nacks)
        stage.evidence.figure('refusals of what they gave back', nacks.length)
        for (const { client } of world.people) client.provider.disconnect()
        world.front.aim([instance.gloss.port])
        for (const { client } of world.people) client.provider.connect()
        await everybodyIn(world)
      })
    } finally {
      await other?.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

export const dumpUnderLoad: Scenario = {
  id: 'F24p',
  fault: 'pg_dump while people type and runs stream on two instances; pg_restore elsewhere',
  expected: 'all that was acknowledged before it began is in it, whole',
  async play(stage) {
    const [dump, restore] = ['pg_dump', 'pg_restore'].map((name) =>
      firstProgram([name], POSTGRES_FOLDERS),
    )
    if (!dump || !restore) throw new Impossible('dump Postgres: its programs are missing')
    const folder = await mkdtemp(join(tmpdir(), 'gloss-f24-'))
    try {
      const world = await stage.world('cluster', { lanes: false })
      const postgres = await stage.postgres()
      const { database } = world
      if (!('postgres' in database)) throw new Error('not on Postgres')
      await stage.under(world, async () => {
        const url = postgres.url(await postgres.createDatabase())
        const promised = await promisedBefore(world, true, async () => {
          const file = join(folder, 'dump')
          await run(dump, ['-Fc', '-f', file, '-d', database.postgres])
          await run(restore, ['--no-owner', '-d', url, file])
        })
        holdAgainst(stage, world, promised, await readTruth({ postgres: url }, idsOf(world)))
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** What each document's people had been promised when `act` began; they type all the while. */
async function promisedBefore(
  world: World,
  withRuns: boolean,
  act: () => Promise<void>,
): Promise<Promised[]> {
  await everybodyIn(world)
  if (withRuns) await world.startRuns()
  await world.work(2_000, { rate: 10, decides: withRuns })
  const promised = world.places.map(({ people }) => promisedTo(people))
  await Promise.all([act(), world.work(3_000, { rate: 10, decides: withRuns })])
  await until(() => world.people.every(({ client }) => client.settled), 10_000)
  return promised
}

function holdAgainst(
  { evidence }: Stage,
  world: World,
  promised: readonly Promised[],
  truth: ReadonlyMap<string, TrueDocument>,
): void {
  world.places.forEach(({ id, people }, n) => {
    const restored = truth.get(id)!
    evidence.invariant('I1', lostInserts(promised[n]!, restored))
    evidence.invariant('I2', lostErases(promised[n]!, restored))
    evidence.invariant('I3', doubled(restored))
    evidence.invariant('I4', unwritten(people, restored))
    evidence.invariant('I6', pending(restored))
    evidence.invariant('I7', restored.damage)
  })
  const count = promised.reduce(
    (sum, { inserts, erases }) => sum + inserts.length + erases.length,
    0,
  )
  evidence.figure('promised before it began', count)
  evidence.expect('something was promised', count > 10)
}

const lost = (promised: Promised, truth: TrueDocument): string[] => [
  ...lostInserts(promised, truth),
  ...lostErases(promised, truth),
]

const idsOf = ({ places }: World): string[] => places.map(({ id }) => id)

/** The command that a person types; throws with what it says where it fails. */
async function gloss(dataDir: string, ...words: string[]): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir }
  await run(process.execPath, ['server/gloss.ts', ...words], { env })
}
