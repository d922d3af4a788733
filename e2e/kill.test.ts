/**
 * The promise of *Saved*, put to the test: the server is killed without warning in the middle of
 * typing and streaming, again and again, and everything it acknowledged is there.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { Random } from '#server/testing/random.ts'
import { blockText } from '#shared/document/blocks.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import type { RunInfo } from '#shared/protocol/api.ts'
import { isTerminal } from '#shared/protocol/event.ts'
import { GlossProcess } from './gloss-process.ts'
import { startModelServer } from './model-server/model-server.ts'
import { api, NodeClient, signIn } from './node-client.ts'

const KILLS = Number(process.env.KILLS ?? 8)
const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31))

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

test(
  `[C40] killed ${KILLS} times while people type and a run streams, nothing acknowledged is lost (seed ${seed})`,
  async () => {
    const { next: random } = new Random(seed)
    const model = await startModelServer()
    open.push(model)
    model.setDefault({ text: 'One more sentence comes. '.repeat(60), delay: 8 })
    const gloss = await GlossProcess.start({
      env: {
        GLOSS_MODEL_URL: model.url,
        GLOSS_MODEL: 'scripted',
        GLOSS_LIMITS: JSON.stringify({ leaseMs: 1500, sweepMs: 300, syncStep1PerMinute: 600 }),
      },
    })
    open.push({ close: () => gloss.stop() })
    const guest = await signIn(gloss.url)
    const { id } = (await api(gloss.url, guest, 'POST', '/api/documents', {
      title: 'Killed',
      markdown: 'Begin here.',
    })) as { id: string }
    const clients = [1, 2, 3].map(() => new NodeClient(gloss.url, guest, id))
    for (const client of clients) open.push(client)
    let word = 0

    for (let kill = 0; kill < KILLS; kill++) {
      await eventually(() => expect(clients.every((client) => client.provider.synced)).toBe(true))
      await api(gloss.url, guest, 'POST', `/api/documents/${id}/runs`, {
        command: 'continue',
        target: { document: true },
        key: `kill-${kill}`,
      })
      const until = Date.now() + 150 + random() * 500
      while (Date.now() < until) {
        for (const client of clients) client.type(`w${word++}`, random())
        await sleep(2 + random() * 15)
      }
      await gloss.kill()
      await gloss.run()
    }

    await eventually(() =>
      expect(clients.map(({ settled }) => settled)).toEqual([true, true, true]),
    )
    await eventually(async () => {
      const { runs } = (await api(gloss.url, guest, 'GET', `/api/documents/${id}/runs`)) as {
        runs: RunInfo[]
      }
      expect(runs).toHaveLength(KILLS)
      expect(runs.filter(({ endedAt }) => endedAt === null)).toEqual([])
    }, 200)
    await eventually(() => expect(new Set(clients.map(({ text }) => text)).size).toBe(1))

    const text = readBlocks(clients[0]!.doc, 'inline').map(blockText).join('\n')
    const words = text.match(/\bw\d+\b/g) ?? []
    const counts = Map.groupBy(words, (it) => it)
    expect([...counts.values()].filter((same) => same.length > 1)).toEqual([])
    for (const client of clients) {
      const lost = client.promised.filter((it) => !counts.has(it))
      expect(lost).toEqual([])
    }
    const ends = await endsByRun(gloss.url, guest.token, id)
    expect([...ends.values()]).toEqual(Array.from({ length: KILLS }, () => 1))
  },
  120_000 + KILLS * 10_000,
)

/** How many terminal events the lane's log has for each run. */
async function endsByRun(url: string, token: string, id: string): Promise<Map<string, number>> {
  const abort = new AbortController()
  const response = await fetch(`${url}/api/documents/${id}/events?after=0`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  })
  const runs = new Set<string>()
  const ends = new Map<string, number>()
  let text = ''
  let last = 0
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    text += bytes
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const type = /^event: (.+)$/m.exec(event)?.[1]
      const n = Number(/^id: (\d+)$/m.exec(event)?.[1] ?? 0)
      const run = /"run":"([^"]+)"/.exec(event)?.[1]
      if (type === undefined || run === undefined) continue
      expect(n).toBe(last + 1)
      last = n
      runs.add(run)
      if (isTerminal(type)) ends.set(run, (ends.get(run) ?? 0) + 1)
    }
    if (runs.size >= KILLS && ends.size >= runs.size) break
  }
  abort.abort()
  return ends
}
