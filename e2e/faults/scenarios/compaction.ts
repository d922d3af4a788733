/** F16 at each step: compaction caught at one statement after the other, and killed there. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeBackup } from '#server/backup/backup.ts'
import { verifyBackup } from '#server/backup/verify.ts'
import { silent } from '#server/log.ts'
import { newestOf, type Trap, type Traps } from '../compaction-traps.ts'
import { PostgresTraps } from '../postgres-traps.ts'
import { sqliteTraps } from '../sqlite-traps.ts'
import type { Scenario, Stage } from '../stage.ts'
import type { TrueDocument } from '../truth.ts'
import type { Place, World } from '../world.ts'
import { everybodyIn, until } from './people.ts'

/** Enough to be worth a snapshot when the room falls idle, and not enough before. */
const ROWS = 40

export const compactionKilledAtEachStep = (kind: 'sqlite' | 'postgres'): Scenario => ({
  id: kind === 'sqlite' ? 'F16s' : 'F16sp',
  fault: `SIGKILL with each step of a compaction begun and not ended, one after the other (${kind})`,
  expected:
    'the snapshot and the deletion are there wholly or not at all; 0 lost; no file is left over; the next compaction does what this one did not',
  async play(stage) {
    const world = await stage.world(kind, {
      documents: 1,
      people: 3,
      lanes: false,
      limits: { roomIdleMs: 50 },
    })
    const [place] = world.places
    if (!place) throw new Error('an empty world')
    await using traps = await trapsIn(world, place)
    await stage.under(
      world,
      async () => {
        for (let n = 0; n < 2; n++) await compactUnharmed(world, place)
        for (const trap of traps.all) await killIn(stage, world, place, traps, trap)
        await compactUnharmed(world, place)
        await everybodyIn(world)
      },
      30_000,
    )
    stage.evidence.figure('steps', traps.all.length)
  },
})

async function trapsIn({ database }: World, { id }: Place): Promise<Traps> {
  return 'sqlite' in database
    ? sqliteTraps(database.sqlite)
    : await PostgresTraps.open(database.postgres, id)
}

async function killIn(
  stage: Stage,
  world: World,
  place: Place,
  traps: Traps,
  trap: Trap,
): Promise<void> {
  const [instance] = world.instances
  if (!instance) throw new Error('an empty world')
  const { evidence } = stage
  const before = await writeEnough(world, place)
  await traps.age()
  await trap.set(before)
  const files = filesOf(world)
  for (const { client } of place.people) client.provider.disconnect()
  await trap.caught()
  await instance.kill()
  await trap.end()
  evidence.expect(`${trap.step}: the database can be read`, await stage.look(world))
  const after = await read(world, place)
  const isKept = newestOf(after) > newestOf(before)
  const isTrimmed = (after.rows[0]?.seq ?? 0) > (before.rows[0]?.seq ?? 0)
  evidence.invariant('I7', [...after.damage, ...(await faultsOfBackup(world))])
  evidence.expect(`${trap.step}: a snapshot is there: ${isKept}`, isKept === trap.leaves.snapshot)
  evidence.expect(`${trap.step}: rows are gone: ${isTrimmed}`, isTrimmed !== trap.leaves.rows)
  await instance.start()
  await trap.remove()
  const more = filesOf(world).filter((name) => !files.includes(name))
  evidence.invariant(
    'I14',
    more.map((name) => `${trap.step}: ${name} is left over`),
  )
  for (const { client } of place.people) client.provider.connect()
}

/** Everybody writes until there is something to compact, and rests; the document then. */
async function writeEnough(world: World, place: Place): Promise<TrueDocument> {
  await everybodyIn(world)
  const end = performance.now() + 15_000
  for (;;) {
    await world.work(300, { rate: 25 })
    await until(() => place.people.every(({ client }) => client.settled), 10_000)
    const found = await read(world, place)
    if (found.head - newestOf(found) >= ROWS) break
    if (performance.now() > end) throw new Error('too little is written')
  }
  // Rooms tidy up behind themselves; that is no compaction.
  for (let head = -1; ; ) {
    const found = await read(world, place)
    if (found.head === head) return found
    head = found.head
    await sleep(400)
  }
}

/** Everybody leaves, and a compaction follows that nobody disturbs; then they are back. */
async function compactUnharmed(world: World, place: Place): Promise<void> {
  const { head } = await writeEnough(world, place)
  for (const { client } of place.people) client.provider.disconnect()
  const end = performance.now() + 10_000
  while (newestOf(await read(world, place)) < head) {
    if (performance.now() > end) throw new Error('no snapshot was made')
    await sleep(100)
  }
  for (const { client } of place.people) client.provider.connect()
}

async function read(world: World, { id }: Place): Promise<TrueDocument> {
  return (await world.truth()).get(id)!
}

/** What lies beside the embedded database. */
function filesOf({ database }: World): string[] {
  return 'sqlite' in database ? readdirSync(dirname(database.sqlite)) : []
}

/** What the product's own `backup` and `verify` find wrong with what is left. */
async function faultsOfBackup({ database }: World): Promise<string[]> {
  if (!('sqlite' in database)) return []
  const folder = mkdtempSync(join(tmpdir(), 'gloss-left-'))
  try {
    await makeBackup(dirname(database.sqlite), join(folder, 'backup'), silent)
    return (await verifyBackup(join(folder, 'backup'), silent)).faults
  } finally {
    rmSync(folder, { recursive: true })
  }
}
