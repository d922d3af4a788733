/** F16 at each step: compaction caught at one statement after the other, and killed there. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeBackup } from '#server/backup/backup.ts'
import { verifyBackup } from '#server/backup/verify.ts'
import { silent } from '#server/log.ts'
import { newestOf, type Trap, type Traps } from '../compaction-traps.ts'
import { Gate } from '../gate.ts'
import { PostgresTraps } from '../postgres-traps.ts'
import { sqliteTraps } from '../sqlite-traps.ts'
import type { Scenario, Stage } from '../stage.ts'
import type { TrueDocument } from '../truth.ts'
import type { Typist } from '../typist.ts'
import type { Place, World } from '../world.ts'
import { everybodyIn, until } from './people.ts'

/** Enough to be worth a snapshot when the room falls idle, and not enough before. */
const ROWS = 40
/** The same for an instance, which counts what came by itself alone. */
const OWN_ROWS = 25

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
async function writeEnough(world: World, place: Place, each = 0): Promise<TrueDocument> {
  await everybodyIn(world)
  const end = performance.now() + 15_000
  for (;;) {
    await world.work(300, { rate: 25 })
    await until(() => place.people.every(({ client }) => client.settled), 10_000)
    const found = await read(world, place)
    const fresh = found.rows.filter(({ seq }) => seq > newestOf(found))
    const by = ({ guest }: Typist) => fresh.filter(({ actor }) => actor === guest.id).length
    if (fresh.length >= ROWS && place.people.every((one) => by(one) >= each)) break
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

/** The statement by which a compaction first asks where the document stands. */
const FIRST_WRITE = 'snapshot_seq'
/** Within which an instance that hesitates keeps its transaction. */
const HESITATES_MS = 3_500

export const compactorsMeet: Scenario = {
  id: 'F16m',
  fault:
    'two instances compact one document at the same moment; and one that has read long ago comes after another that has compacted further and deleted rows; both ways round',
  expected: 'one snapshot of a moment, never an older one on a newer; one gives way; 0 lost',
  async play(stage) {
    const postgres = await stage.postgres()
    await using first = await Gate.open(postgres.port)
    await using second = await Gate.open(postgres.port)
    const gates = [first, second]
    const world = await stage.world('cluster', {
      documents: 1,
      people: 0,
      lanes: false,
      limits: { roomIdleMs: 50 },
      databasePort: (n) => gates[n]!.port,
    })
    const [place] = world.places
    if (!place) throw new Error('an empty world')
    for (const { url } of world.instances) await world.addPerson(place, url)
    const ledger: string[] = []
    await stage.under(
      world,
      async () => {
        const traps = await trapsIn(world, place)
        await using _traps = traps
        await compactUnharmed(world, place)
        for (const one of [0, 1]) {
          ledger.push(await meet(world, place, gates, one))
          await traps.age()
          ledger.push(await comeLate(world, place, gates, one))
        }
        await everybodyIn(world)
      },
      30_000,
    )
    stage.evidence.figure('kept', ledger.join('; '))
    const wrong = ledger.filter((line) => !line.endsWith('as it should be'))
    stage.evidence.expect(wrong.join('; '), wrong.length === 0)
  },
}

/** Both have merged the same log; both write, this one first. */
async function meet(world: World, place: Place, gates: Gate[], one: number): Promise<string> {
  const before = await writeEnough(world, place, OWN_ROWS)
  const held = gates.map((gate) => gate.hold(FIRST_WRITE))
  for (const { client } of place.people) client.provider.disconnect()
  await inTime(Promise.all(held), 'both compact')
  gates[one]?.release()
  gates[1 - one]?.release()
  const made = await madeSince(world, place, before)
  for (const { client } of place.people) client.provider.connect()
  const isRight = made.length === 1 && made[0] === before.head
  return `at once ${one}: ${made} of ${before.head}, ${isRight ? 'as it should be' : 'WRONG'}`
}

/** This one has merged the log and hesitates; the other goes on, compacts further, and trims. */
async function comeLate(world: World, place: Place, gates: Gate[], one: number): Promise<string> {
  const before = await writeEnough(world, place, OWN_ROWS)
  const late = place.people[one]
  const quick = place.people[1 - one]
  if (!late || !quick) throw new Error('two people')
  const held = gates[one]!.hold(FIRST_WRITE)
  late.client.provider.disconnect()
  await inTime(held, 'one compacts')
  const begin = performance.now()
  for (let n = 0; n < ROWS; n++) {
    quick.step()
    await sleep(5)
  }
  await until(() => quick.client.settled, 10_000)
  quick.client.provider.disconnect()
  const [further] = await madeSince(world, place, before)
  const hesitated = performance.now() - begin
  gates[one]?.release()
  await sleep(1_000)
  const after = await read(world, place)
  const made = after.snapshots.filter((seq) => seq >= before.head)
  for (const { client } of place.people) client.provider.connect()
  const isTrimmed = (after.rows[0]?.seq ?? 0) > (before.rows[0]?.seq ?? 0)
  const isRight =
    made.join() === String(further) &&
    isTrimmed &&
    hesitated < HESITATES_MS &&
    after.head === further
  return `late ${one}: ${made} after ${before.head}, ${hesitated.toFixed(0)} ms, ${isRight ? 'as it should be' : 'WRONG'}`
}

/** Snapshots made since, when there is one and for a while no more come. */
async function madeSince(world: World, place: Place, before: TrueDocument): Promise<number[]> {
  const end = performance.now() + 10_000
  for (;;) {
    const { snapshots } = await read(world, place)
    const made = snapshots.filter((seq) => seq > newestOf(before))
    if (made.length > 0) {
      await sleep(400)
      return (await read(world, place)).snapshots.filter((seq) => seq > newestOf(before))
    }
    if (performance.now() > end) throw new Error('no snapshot was made')
    await sleep(20)
  }
}

async function inTime(waited: Promise<unknown>, what: string): Promise<void> {
  const late = sleep(10_000, 'late', { ref: false })
  if ((await Promise.race([waited, late])) === 'late') throw new Error(`not in time: ${what}`)
}
