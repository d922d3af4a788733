/** What is Postgres's own: several instances, a server that dies, hangs, fills up or is unsafe. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silent } from '#server/log.ts'
import { eventually } from '#server/testing/eventually.ts'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { commitOne, makeDocument, text, withPlan, wordsOf, writing } from './contract/harness.ts'
import { PostgresStore } from './postgres.ts'
import { serverRefusal } from './postgres-server.ts'
import { forgetfulProxy } from './testing/forgetful-proxy.ts'
import { openPostgresHarness } from './testing/postgres-harness.ts'
import { temporaryFolder } from './testing/sqlite-harness.ts'

let cluster: PostgresCluster

beforeAll(async () => {
  cluster = await PostgresCluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const openHarness = openPostgresHarness(() => cluster)
const openAt = (url: string) => PostgresStore.open({ url, log: silent })

test('[D60] two instances that start at once on an empty database both have their tables', async () => {
  const url = cluster.url(await cluster.createDatabase())

  const stores = await Promise.all(Array.from({ length: 4 }, () => openAt(url)))

  await withPlan(stores[0]!)
  for (const store of stores) expect(await wordsOf(store, 'plan')).toEqual(['first'])
  for (const store of stores) await store.close()
})

test('[D61] two instances that commit to the same documents at once leave no gap and lose nothing', async () => {
  const url = cluster.url(await cluster.createDatabase())
  const stores = await Promise.all([openAt(url), openAt(url)])
  await makeDocument(stores[0]!, 'plan')
  await makeDocument(stores[0]!, 'other')

  const heads = await Promise.all(
    stores.map(async (store, instance) => {
      const given: number[] = []
      for (let at = 0; at < 60; at++) {
        // Each names the documents in another order: the locks are taken in one.
        const commits = [writing([`${instance}:${at}`]), { ...writing(['x']), document: 'other' }]
        const results = await store.commit(instance === 0 ? commits : commits.toReversed())
        const mine = results[instance === 0 ? 0 : 1]
        if (mine?.ok) given.push(mine.head)
      }
      return given
    }),
  )

  const { updates = [] } = (await stores[1]!.load('plan')) ?? {}
  expect(updates.map(({ seq }) => seq)).toEqual(Array.from({ length: 121 }, (_, at) => at + 1))
  for (const [instance, given] of heads.entries()) {
    const words = given.map((seq) => text(updates[seq - 1]?.data))
    expect(words).toEqual(Array.from({ length: 60 }, (_, at) => `${instance}:${at}`))
  }
  expect((await stores[0]!.getDocument('other'))?.head).toBe(121)
  for (const store of stores) await store.close()
})

test('[D62] a deadlock or a failed serialization is tried again, and the caller hears nothing of it', async () => {
  await using harness = await openHarness()
  await withPlan(harness.store)
  await failNext(harness.execute, { state: '40P01', times: 3 })

  expect(await commitOne(harness.store, writing(['in the end']))).toMatchObject({
    ok: true,
    head: 2,
  })

  await failNext(harness.execute, { state: '40001', times: 4 })
  await expect(harness.store.commit([writing(['no'])])).rejects.toMatchObject({
    code: 'unavailable',
  })
  expect(await wordsOf(harness.store, 'plan')).toEqual(['first', 'in the end'])
})

test.skipIf(process.getuid?.() !== 0)(
  '[D63] on a full disk a commit is storage-full, what is there can be read, and room helps',
  async ({ skip }) => {
    await using folder = await temporaryFolder()
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=14m', 'tmpfs', folder.path])
    skip(mount.status !== 0, 'this machine lets nobody mount a tmpfs')
    try {
      await using own = await PostgresCluster.start()
      const store = await openAt(own.url(await own.createDatabase(folder.path)))
      await withPlan(store)
      let kept = 0
      const fill = async () => {
        for (; kept < 100; kept++) {
          await commitOne(store, writing([noise(256 * 1024)]))
        }
      }

      await expect(fill()).rejects.toMatchObject({ code: 'storage-full' })
      expect(kept).toBeGreaterThan(0)
      expect((await wordsOf(store, 'plan')).length).toBe(1 + kept)
      spawnSync('mount', ['-o', 'remount,size=40m', folder.path])
      expect(await commitOne(store, writing(['room again']))).toMatchObject({ head: kept + 2 })
      await store.close()
    } finally {
      spawnSync('umount', ['-l', folder.path])
    }
  },
)

test('[D64] text that Postgres cannot keep is a bad request', async () => {
  await using harness = await openHarness()
  await withPlan(harness.store)

  const change = harness.store.changeDocument('plan', { title: 'a\u0000b' })

  await expect(change).rejects.toMatchObject({ code: 'bad-request' })
})

describe('a Postgres that dies', () => {
  test('[D65] kill -9 keeps what was acknowledged, and the same store works on once it is back', async () => {
    await using harness = await openHarness()
    await withPlan(harness.store)
    const acknowledged: string[] = []
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let at = 0; ; at++) {
        await harness.store.commit([writing([`${writer}:${at}`])])
        acknowledged.push(`${writer}:${at}`)
      }
    })
    const ends = Promise.allSettled(writers)
    await eventually(() => expect(acknowledged.length).toBeGreaterThanOrEqual(40))

    await cluster.kill()
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    }
    await expect(harness.store.probe()).rejects.toMatchObject({ code: 'unavailable' })
    await cluster.start()

    const words = await eventually(() => wordsOf(harness.store, 'plan'))
    expect(words).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(words).size).toBe(words.length)
    await harness.store.probe()
    expect(await commitOne(harness.store, writing(['on']))).toMatchObject({
      head: words.length + 1,
    })
  })

  test('[D66] a commit whose answer is lost is unavailable, whatever became of it', async () => {
    const database = await cluster.createDatabase()
    await using proxy = await forgetfulProxy(cluster.port)
    const store = await openAt(cluster.url(database, proxy.port))
    await withPlan(store)

    const swallowed = proxy.swallowAnswerTo('commit')
    const lost = expect(store.commit([writing(['there'])])).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The outcome of a commit is unknown.',
    })
    await swallowed
    proxy.cut()
    await lost

    // Here it was committed. Its sender, who was told nothing, sends it again: that is harmless.
    expect(await wordsOf(store, 'plan')).toEqual(['first', 'there'])
    expect(await commitOne(store, writing(['there']))).toMatchObject({ ok: true, head: 3 })
    await store.close()
  })

  test('[D67] a Postgres that hangs fails the commit within 12 s, and serves when it goes on', async () => {
    await using harness = await openHarness()
    await withPlan(harness.store)
    const begin = performance.now()

    cluster.signal('SIGSTOP')
    try {
      await expect(harness.store.commit([writing(['no'])])).rejects.toMatchObject({
        code: 'unavailable',
      })
      expect(performance.now() - begin).toBeLessThan(12_000)
    } finally {
      cluster.signal('SIGCONT')
    }

    expect(await eventually(() => wordsOf(harness.store, 'plan'))).toContain('first')
    expect(await commitOne(harness.store, writing(['on']))).toMatchObject({ ok: true })
  })

  test('[D68] an instance that freezes within a transaction holds up the others for seconds only', async () => {
    const database = await cluster.createDatabase()
    await using proxy = await forgetfulProxy(cluster.port)
    const frozen = await openAt(cluster.url(database, proxy.port))
    const other = await openAt(cluster.url(database))
    await withPlan(other)

    const swallowed = proxy.swallowAnswerTo('for update')
    const lost = expect(frozen.commit([writing(['frozen'])])).rejects.toMatchObject({
      code: 'unavailable',
    })
    await swallowed
    const begin = performance.now()
    const result = await commitOne(other, writing(['on']))

    expect(result).toMatchObject({ ok: true, head: 2 })
    // Well before the other one's patience with locks is over.
    expect(performance.now() - begin).toBeLessThan(12_000)
    // The frozen one gives up on that connection by itself, and goes on with another.
    await lost
    expect(await commitOne(frozen, writing(['again']))).toMatchObject({ ok: true, head: 3 })
    expect(await wordsOf(other, 'plan')).toEqual(['first', 'on', 'again'])
    await Promise.all([frozen.close(), other.close()])
  })
})

describe('a start that is refused with one line', () => {
  test.each([
    [{}, undefined],
    [{ version: 13 }, undefined],
    [{ synchronousCommit: 'remote_apply' }, undefined],
    [{ version: 12 }, 'Postgres 12 is too old: Gloss needs 13 or newer.'],
    [{ fsync: 'off' }, expect.stringContaining('fsync = off')],
    [{ fullPageWrites: 'off' }, expect.stringContaining('full_page_writes = off')],
    [{ synchronousCommit: 'off' }, expect.stringContaining('synchronous_commit = off')],
    [{ encoding: 'LATIN1' }, "The database's encoding is LATIN1, not UTF8."],
    [{ readOnly: 'on' }, expect.stringContaining('is it a standby?')],
  ])('[D69] with %j the start is refused: %s', (facts, refusal) => {
    const sound = {
      version: 15,
      fsync: 'on',
      fullPageWrites: 'on',
      synchronousCommit: 'on',
      encoding: 'UTF8',
      readOnly: 'off',
    }

    expect(serverRefusal({ ...sound, ...facts })).toEqual(refusal)
  })

  test('[D70] real servers with an unsafe setting, and a store that finds one later, are refused', async () => {
    await using unsafe = await PostgresCluster.start()
    const database = await unsafe.createDatabase()
    const url = unsafe.url(database)
    const store = await openAt(url)
    await withPlan(store)

    for (const setting of ['synchronous_commit', 'full_page_writes', 'fsync']) {
      await unsafe.kill()
      unsafe.configure(`${setting} = off`)
      await unsafe.start()

      await expect(openAt(url)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(`${setting} = off`),
      })
      await expect(store.commit([writing(['no'])])).rejects.toMatchObject({ code: 'unavailable' })
      unsafe.configure(`${setting} = on`)
    }

    await unsafe.kill()
    await unsafe.start()
    expect(await eventually(() => wordsOf(store, 'plan'))).toEqual(['first'])
    await store.close()
  })

  test('[D71] a database of a newer Gloss is left alone', async () => {
    await using harness = await openHarness()
    await harness.execute(
      `insert into kysely_migration (name, timestamp) values ('9999-newer', 'x')`,
    )

    await expect(harness.reopen()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('schema version 9999-newer'),
    })
  })

  test('[D72] no server, a wrong password, no such database: each has its sentence', async () => {
    const right = cluster.url('postgres')
    const messageOf = async (url: string) =>
      openAt(url).then(
        () => 'it opened',
        ({ message }: Error) => message,
      )

    expect(await messageOf(right.replace(/:\d+\//, ':1/'))).toContain('cannot be reached')
    const wrong = await messageOf(right.replace(/gloss:\w+@/, 'gloss:hunter2@'))
    expect(wrong).toContain('does not let this user in')
    expect(wrong).not.toContain('hunter2')
    expect(await messageOf(cluster.url('nowhere'))).toContain('does not exist')
  })
})

test('[D73] a call that was under way when the store closes is answered', async () => {
  await using harness = await openHarness()
  await withPlan(harness.store)

  const under = Array.from({ length: 20 }, (_, at) => commitOne(harness.store, writing([`${at}`])))
  const closed = harness.store.close()

  expect((await Promise.all(under)).every(({ ok }) => ok)).toBe(true)
  await closed
  await harness.reopen()
  expect((await wordsOf(harness.store, 'plan')).length).toBe(21)
})

test('[D74] large bytes come back as they were, in memory of their own', async () => {
  await using harness = await openHarness()
  await withPlan(harness.store)
  const large = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 31) % 256)
  await harness.store.putSnapshot('plan', 1, 1, large)

  const { snapshot } = (await harness.store.load('plan'))!

  expect(Buffer.compare(snapshot!.data, large)).toBe(0)
  expect(snapshot!.data.buffer.byteLength).toBe(large.byteLength)
  expect(snapshot!.data.constructor).toBe(Uint8Array)
})

/** Makes the next inserts into the log fail as a faulty server would. */
async function failNext(
  execute: (statement: string) => Promise<void>,
  { state, times }: { state: string; times: number },
): Promise<void> {
  await execute(`
    create sequence if not exists tries;
    alter sequence tries restart;
    create or replace function fails() returns trigger language plpgsql as $$ begin
      if nextval('tries') <= ${times} then
        raise exception 'as the test wants it' using errcode = '${state}';
      end if;
      return null;
    end $$;
    create or replace trigger fails before insert on document_updates
      for each statement execute function fails();`)
}

/** Text that no database makes smaller. */
const noise = (length: number): string => randomBytes(length / 2).toString('hex')
