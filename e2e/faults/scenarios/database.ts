/** F05–F09: a Postgres that dies, freezes, is out of reach, loses an answer, or says no. */
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetfulProxy } from '#server/store/testing/forgetful-proxy.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import type { Scenario } from '../stage.ts'
import type { World } from '../world.ts'
import { acksBetween, everybodyIn, until } from './people.ts'

/** What was under way when the fault struck may still be answered. */
const GRACE_MS = 300

export const databaseDies: Scenario = {
  id: 'F05',
  fault: 'SIGKILL of Postgres and all its processes, back after 4 s',
  expected: 'no acks while it is away; everything saved ≤ 10 s after it is back',
  async play(stage) {
    const world = await stage.world('postgres')
    const postgres = await stage.postgres()
    await stage.under(world, async () => {
      await everybodyIn(world)
      await world.startRuns()
      await world.work(1_500, { rate: 10 })
      await postgres.kill()
      const killed = performance.now() + GRACE_MS
      await world.work(4_000, { rate: 10 })
      const back = performance.now()
      stage.evidence.figure('acks while away', acksBetween(world, killed, back))
      stage.evidence.expect('no ack while it is away', acksBetween(world, killed, back) === 0)
      await postgres.start()
      await saved(stage, world, 10_000)
    })
  },
}

/** Of the commit queue, small enough to be filled in the time. */
const QUEUE = 512 * 1024
const PASTE = 50_000
/** What one read of a socket brings at most, beside the message that it is in the middle of. */
const READ = 64 * 1024

export const databaseFreezes: Scenario = {
  id: 'F06',
  fault: 'SIGSTOP of Postgres for 20 s while everybody types and pastes',
  expected:
    'not ready ≤ 5 s; unacknowledged ≤ the queue (here 512 KiB) and a read a socket, after they are sent off and come back a message a socket; RSS +≤ 64 MiB; then all is saved',
  async play(stage) {
    const world = await stage.world('postgres', {
      documents: 1,
      people: 3,
      limits: { commitQueueBytes: QUEUE },
    })
    const postgres = await stage.postgres()
    const [instance] = world.instances
    if (!instance) throw new Error('an empty world')
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        await world.work(1_500, { rate: 10 })
        const before = instance.mebibytes
        postgres.signal('SIGSTOP')
        const frozen = performance.now()
        let notReady = 0
        const closes = () => world.people.flatMap(({ client }) => client.closes).length
        const closesBefore = closes()
        let unacked = 0
        let unackedLater = 0
        let most = before
        const ask = async () => {
          while (notReady === 0 && performance.now() - frozen < 10_000) {
            const ready = await instance.readiness().catch(() => 'no answer')
            if (ready !== 'ready') notReady = performance.now() - frozen
          }
        }
        const asked = ask()
        try {
          while (performance.now() - frozen < 20_000) {
            await world.work(700, { rate: 20 })
            for (const one of world.people) one.paste(PASTE)
            most = Math.max(most, instance.mebibytes)
            const now = await instance.metric('gloss_unacked_bytes')
            if (closes() === closesBefore) unacked = Math.max(unacked, now)
            else unackedLater = Math.max(unackedLater, now)
          }
          await asked
        } finally {
          postgres.signal('SIGCONT')
        }
        const acks = acksBetween(world, frozen + GRACE_MS, performance.now())
        stage.evidence.figure('acks while frozen', acks)
        stage.evidence.figure('not ready after', notReady / 1000, 's')
        stage.evidence.figure('unacknowledged', Math.round(unacked / 1024), 'KiB')
        stage.evidence.figure('once they were back', Math.round(unackedLater / 1024), 'KiB')
        stage.evidence.figure('RSS', `+${Math.round(most - before)}`, 'MiB')
        stage.evidence.expect('no ack while it is frozen', acks === 0)
        stage.evidence.expect('it says that it is not ready', notReady > 0 && notReady <= 5_000)
        const sockets = world.people.length
        stage.evidence.expect('the queue fills', unacked >= QUEUE)
        stage.evidence.expect('it is bounded', unacked <= QUEUE + sockets * (READ + PASTE))
        stage.evidence.expect(
          'it stays bounded',
          unackedLater <= QUEUE + sockets * LIMITS.messageBytes,
        )
        stage.evidence.expect('memory is bounded', most - before <= 64)
        await saved(stage, world, 15_000)
      },
      40_000,
    )
  },
}

export const databaseOutOfReach: Scenario = {
  id: 'F07',
  fault: 'no packet passes between the instance and Postgres for 18 s, then the network heals',
  expected: 'no acks; not ready ≤ 5 s; sent off ≤ 15 s to try another instance; then all is saved',
  async play(stage) {
    const world = await stage.world('postgres', { documents: 1 })
    const [instance] = world.instances
    if (!instance) throw new Error('an empty world')
    await stage.under(
      world,
      async () => {
        await everybodyIn(world)
        await world.work(1_500, { rate: 10 })
        const closes = () => world.people.flatMap(({ client }) => client.closes)
        const before = closes().length
        instance.wires.database?.set('both', { hole: 'hold' })
        const cut = performance.now()
        let notReady = 0
        let sentOff = 0
        while (performance.now() - cut < 18_000) {
          await world.work(500, { rate: 10 })
          const ready = await instance.readiness().catch(() => 'no answer')
          if (ready !== 'ready') notReady ||= performance.now() - cut
          if (closes().length > before) sentOff ||= performance.now() - cut
        }
        const acks = acksBetween(world, cut + GRACE_MS, performance.now())
        instance.wires.database?.calm()
        stage.evidence.figure('acks while cut', acks)
        stage.evidence.figure('not ready after', notReady / 1000, 's')
        stage.evidence.figure('sent off after', sentOff / 1000, 's')
        stage.evidence.expect('no ack while it is cut off', acks === 0)
        stage.evidence.expect('it says that it is not ready', notReady > 0 && notReady <= 5_000)
        stage.evidence.expect('people are sent off', sentOff > 0 && sentOff <= 15_000)
        await saved(stage, world, 15_000)
      },
      40_000,
    )
  },
}

export const answerLost: Scenario = {
  id: 'F08',
  fault: 'a COMMIT takes effect, its answer is lost and the connection cut',
  expected: 'no ack for it; sent again, and nothing is there twice',
  async play(stage) {
    const postgres = await stage.postgres()
    await using forgetful = await forgetfulProxy(postgres.port)
    const world = await stage.world('postgres', {
      documents: 1,
      databasePort: () => forgetful.port,
    })
    let lost = 0
    await stage.under(world, async () => {
      await everybodyIn(world)
      for (let round = 0; round < stage.rounds * 2; round++) {
        await world.startRuns()
        await world.work(stage.random.below(1_500), { rate: 15 })
        const swallowed = forgetful.swallowAnswerTo('commit').then(() => true)
        const typing = world.work(1_200, { rate: 15 })
        if (await Promise.race([swallowed, sleep(1_000, false)])) lost++
        await typing
        await stage.look(world)
        forgetful.cut()
        await world.work(500)
      }
    })
    stage.evidence.figure('answers lost', lost)
    stage.evidence.expect('answers were lost', lost > 0)
  },
}

export const databaseSaysNo: Scenario = {
  id: 'F09',
  fault: 'one in five transactions fails as a deadlock or a failed serialization',
  expected: 'tried again without anybody hearing of it; nothing lost, nothing twice',
  async play(stage) {
    const world = await stage.world('postgres')
    const postgres = await stage.postgres()
    if (!('postgres' in world.database)) throw new Error('not on Postgres')
    const name = new URL(world.database.postgres).pathname.slice(1)
    await stage.under(world, async () => {
      await everybodyIn(world)
      await postgres.execute(
        name,
        `create function refuse() returns trigger language plpgsql as $$ begin
          if random() < 0.1 then raise exception 'deadlock' using errcode = '40P01'; end if;
          if random() < 0.1 then raise exception 'serialization' using errcode = '40001'; end if;
          return new; end $$;
        create trigger refusing before insert on document_updates
          for each statement execute function refuse()`,
      )
      await world.startRuns()
      await world.work(4_000, { rate: 10, decides: true })
      const closes = world.people.flatMap(({ client }) => client.closes).length
      stage.evidence.figure('connections closed by it', closes)
      await postgres.execute(name, 'drop trigger refusing on document_updates')
    })
  },
}

/** Notes how long it takes until nobody waits for an ack. */
async function saved(
  { evidence }: Parameters<Scenario['play']>[0],
  world: World,
  ms: number,
): Promise<void> {
  const begin = performance.now()
  const isSaved = () => world.people.every(({ client }) => client.settled)
  const isAll = await until(isSaved, ms).then(
    () => true,
    () => false,
  )
  const took = performance.now() - begin
  evidence.figure('all saved after', took / 1000, 's')
  evidence.inTime(`all is saved within ${ms / 1000} s`, isAll && took <= ms)
}
