/** F14–F16: a full disk, rotten bytes, and compaction that is killed or meets another one. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { NodeClient } from '#e2e/node-client.ts'
import { Impossible, type Kind, type Scenario } from '../stage.ts'
import type { World } from '../world.ts'
import { acksBetween, everybodyIn, until } from './people.ts'

const MIB = 1024 * 1024

export const diskFull: Scenario = {
  id: 'F14',
  fault: 'the disk of the embedded database is full (a tmpfs of 80 MiB), and freed after 5 s',
  expected: 'what is acknowledged is there; “storage full” is said; reads work; saves resume ≤ 5 s',
  async play(stage) {
    const disk = mkdtempSync(join(tmpdir(), 'gloss-disk-'))
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', disk])
    if (mount.status !== 0) {
      rmSync(disk, { recursive: true })
      throw new Impossible('mount a tmpfs (root is needed): a full disk was NOT tried')
    }
    try {
      const world = await stage.world('sqlite', { dataDir: disk, documents: 1 })
      const [instance] = world.instances
      if (!instance) throw new Error('an empty world')
      await stage.under(world, async () => {
        await everybodyIn(world)
        await world.startRuns()
        await world.work(1_500, { rate: 10 })
        const begin = performance.now()
        let full = 0
        let said = ''
        let reads = 0
        while (performance.now() - begin < 12_000 && !(full && performance.now() - full > 5_000)) {
          fill(disk) // again: the ballast has given some of it back
          for (const one of world.people) one.paste(20_000)
          await world.work(250, { rate: 10 })
          const ready = await instance.readiness()
          if (ready.includes('full')) said ||= ready
          const codes = world.people.flatMap(({ client }) => client.closes)
          if (codes.includes(1013)) full ||= performance.now()
          if (full) reads += await readable(world)
        }
        const acks = full ? acksBetween(world, full + 1_000, performance.now()) : -1
        rmSync(join(disk, 'filler'))
        const freed = performance.now()
        await until(() => world.people.every(({ client }) => client.settled), 10_000)
        const ms = performance.now() - freed
        stage.evidence.figure('full after', (full - begin) / 1000, 's')
        stage.evidence.figure('acks while full', acks)
        stage.evidence.figure('readyz', `“${said}”`)
        stage.evidence.figure('reads while full', reads)
        stage.evidence.figure('all saved after', ms / 1000, 's')
        stage.evidence.expect('the disk was full', full > 0)
        stage.evidence.expect('nothing is acknowledged while it is full', acks === 0)
        stage.evidence.expect('it says so', said !== '')
        stage.evidence.expect('reads work', reads > 0)
        stage.evidence.expect('saves resume within 5 s', ms <= 5_000)
      })
    } finally {
      spawnSync('umount', ['-l', disk])
      rmSync(disk, { recursive: true, force: true })
    }
  },
}

/** Takes all that is free. */
function fill(disk: string): void {
  const file = openSync(join(disk, 'filler'), 'a')
  try {
    for (const block of [Buffer.alloc(MIB), Buffer.alloc(4096)]) {
      for (;;) writeUntilFull(file, block)
    }
  } catch (error) {
    if (!(error instanceof DiskIsFull)) throw error
  } finally {
    closeSync(file)
  }
}

class DiskIsFull extends Error {}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    writeSync(file, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new DiskIsFull()
    throw error
  }
}

async function readable(world: World): Promise<number> {
  const [place] = world.places
  const path = `/api/documents/${place?.id}/content?format=text`
  const response = await fetch(`${world.front.url}${path}`, {
    headers: { authorization: `Bearer ${place?.owner.token}` },
  })
  return response.ok && (await response.text()).includes('stays') ? 1 : 0
}

export const rot: Scenario = {
  id: 'F15',
  fault: 'a byte flips: in a log row behind a snapshot, in the newest snapshot, in the last row',
  expected: 'what can be read whole is served whole; what cannot is an error, never empty',
  async play(stage) {
    const world = await stage.world('sqlite', { documents: 4, people: 1, lanes: false })
    const [instance] = world.instances
    if (!instance) throw new Error('an empty world')
    await everybodyIn(world)
    await world.work(4_000, { rate: 40 })
    await until(() => world.people.every(({ client }) => client.settled), 10_000)
    const texts = world.people.map(({ client }) => client.text)
    for (const { client } of world.people) client.provider.disconnect()
    // Idle rooms are compacted a moment after the last has left.
    for (let tries = 0; ; tries++) {
      const found = [...(await world.truth()).values()]
      if (found.every(({ snapshots }) => snapshots.length > 0)) break
      if (tries > 100) throw new Error('no snapshots were made')
      await sleep(100)
    }
    for (const { client } of world.people) client.provider.connect()
    await everybodyIn(world)
    for (const one of world.people) one.step()
    await until(() => world.people.every(({ client }) => client.settled), 10_000)
    const [behind, snapshot, last, sound] = world.places
    if (!behind || !snapshot || !last || !sound) throw new Error('too few documents')
    const after = world.people.map(({ client }) => client.text)
    for (const { client } of world.people) client.provider.disconnect()
    await instance.kill()
    flip(world, `document_updates where document_id = '${behind.id}' and seq = 2`)
    flip(world, `document_snapshots where document_id = '${snapshot.id}' order by seq desc limit 1`)
    flip(world, `document_updates where document_id = '${last.id}' order by seq desc limit 1`)
    await instance.start()
    const served: string[] = []
    for (const [n, place] of world.places.entries()) {
      const response = await fetch(
        `${instance.url}/api/documents/${place.id}/content?format=text`,
        { headers: { authorization: `Bearer ${place.owner.token}` } },
      )
      const text = await response.text()
      const client = new NodeClient(instance.url, place.owner, place.id)
      await sleep(600)
      const same = client.text === after[n]
      served.push(`${response.status}${client.provider.synced ? (same ? ' whole' : ' OTHER') : ''}`)
      if (place === last) {
        stage.evidence.expect('a damaged log is an error', response.status === 503)
        stage.evidence.expect('no socket serves it', !client.provider.synced)
      } else {
        stage.evidence.expect(`document ${n} is served whole`, response.ok && same)
        stage.evidence.expect(`document ${n} is not empty`, text.includes('stays'))
      }
      client.close()
    }
    stage.evidence.figure('log row behind a snapshot, snapshot, last row, sound', served.join(', '))
    stage.evidence.expect(
      'people had text',
      texts.every((text) => text.includes('stays')),
    )
    const said = instance.complaints
    stage.evidence.invariant('I14', instance.gloss.alive ? said : ['it died'])
  },
}

function flip(world: World, which: string): void {
  if (!('sqlite' in world.database)) throw new Error('on the embedded database only')
  const database = new DatabaseSync(world.database.sqlite)
  const row = database.prepare(`select rowid, data from ${which}`).get()
  if (!row) throw new Error(`nothing there: ${which}`)
  const data = Buffer.from(row.data as Uint8Array)
  data[data.length >> 1]! ^= 0x10
  const table = which.split(' ')[0]
  database.prepare(`update ${table} set data = ? where rowid = ?`).run(data, Number(row.rowid))
  database.close()
}

export const compactionKilled = (kind: Kind): Scenario => ({
  id: kind === 'cluster' ? 'F16c' : 'F16',
  fault: `SIGKILL at random moments of compaction, a reader away with an old copy (${kind})`,
  expected: 'snapshots say what the log says; the reader catches up; nothing lost',
  async play(stage) {
    const world = await stage.world(kind, {
      documents: 2,
      lanes: false,
      limits: { roomIdleMs: 50 },
    })
    const [away] = world.people
    if (!away) throw new Error('nobody is there')
    await stage.under(world, async () => {
      await everybodyIn(world)
      away.client.provider.disconnect()
      for (let round = 0; round < stage.rounds * 2; round++) {
        await world.work(1_200, { rate: 25 })
        const others = world.people.filter((one) => one !== away)
        await until(() => others.every(({ client }) => client.settled), 10_000)
        for (const { client } of others) client.provider.disconnect()
        await sleep(stage.random.below(1_000))
        const victim = stage.random.pick(world.instances)
        await victim.kill()
        await stage.look(world)
        await victim.start()
        for (const { client } of others) client.provider.connect()
        await until(() => others.every(({ client }) => client.provider.synced), 10_000)
      }
      away.client.provider.connect()
      await everybodyIn(world)
    })
  },
})
