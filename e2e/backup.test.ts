/**
 * The drill: a backup made under load by the command that a person types, brought back on another
 * machine (another folder, another process), and everything that was promised looked for in it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { GlossProcess } from './gloss-process.ts'
import { api, type Guest, NodeClient, signIn } from './node-client.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

test('[C100] a backup made while people type has every edit that was saved before it began; restored elsewhere, people are who they were and whoever holds a later copy is told so', async () => {
  const { gloss, guest, id, clients, type } = await aBusyGloss()
  const folder = join(gloss.dataDir, 'backup')
  await type(15)
  const savedBefore = clients.flatMap(({ promised }) => promised)
  const [backup] = await Promise.all([run(gloss, 'backup', folder), type(25)])
  await type(5)
  expect(backup).toMatchObject({ code: 0 })
  expect(await run(gloss, 'verify', folder)).toMatchObject({ code: 0 })
  const inUse = await run(gloss, 'restore', folder)
  expect(inUse).toMatchObject({ code: 1 })
  expect(inUse.errors).toContain('Another Gloss is using the database')
  await eventually(() => expect(clients.every(({ settled }) => settled)).toBe(true))

  const elsewhere = await anotherMachine()
  expect(await run(elsewhere, 'restore', folder)).toMatchObject({ code: 0 })
  await elsewhere.run()

  const newcomer = new NodeClient(elsewhere.url, guest, id)
  open.push(newcomer)
  await eventually(() => expect(newcomer.provider.synced).toBe(true))
  expect(savedBefore).toHaveLength(30)
  expect(savedBefore.filter((word) => !newcomer.text.includes(`${word} `))).toEqual([])
  const { epoch } = (await api(gloss.url, guest, 'GET', `/api/documents/${id}`)) as Info
  const late = new NodeClient(elsewhere.url, guest, id, { connect: false })
  open.push(late)
  Y.applyUpdate(late.doc, Y.encodeStateAsUpdate(clients[0]!.doc))
  late.provider.params = { epoch: String(epoch) }
  late.provider.connect()
  await eventually(() => expect(late.closes).toContain(CLOSE.restored))
  expect(newcomer.text.length).toBeLessThan(late.text.length)
})

test('[C101] a backup restored by merging takes back from people what they typed after it, and from anybody who may write what others did', async () => {
  const { gloss, guest, id, clients, type } = await aBusyGloss()
  const other = await signIn(gloss.url)
  await api(gloss.url, guest, 'PATCH', `/api/documents/${id}`, { linkRole: 'edit' })
  const folder = join(gloss.dataDir, 'backup')
  await type(10)
  expect(await run(gloss, 'backup', folder)).toMatchObject({ code: 0 })
  await type(10)
  await eventually(() => expect(clients.every(({ settled }) => settled)).toBe(true))
  await gloss.kill()
  const saved = clients.flatMap(({ promised }) => promised)

  const elsewhere = await anotherMachine()
  expect(await run(elsewhere, 'restore', folder, '--merge')).toMatchObject({ code: 0 })
  await elsewhere.run()
  // All of it was typed by the owner.
  const back = new NodeClient(elsewhere.url, other, id, { connect: false })
  open.push(back)
  Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(clients[0]!.doc))
  back.provider.params = { epoch: '1' }
  back.provider.connect()
  await eventually(() => expect(back.settled).toBe(true))

  const reader = new NodeClient(elsewhere.url, guest, id)
  open.push(reader)
  await eventually(() => {
    expect(saved.filter((word) => !reader.text.includes(`${word} `))).toEqual([])
  })
  expect(saved).toHaveLength(40)
  await elsewhere.terminate()
  expect(await run(elsewhere, 'take-back', '--end')).toMatchObject({ code: 0 })
})

interface Info {
  epoch: number
}

/** A server, a document, and two people who type words on demand. */
async function aBusyGloss() {
  const gloss = await GlossProcess.start()
  open.push({ close: () => gloss.stop() })
  const guest: Guest = await signIn(gloss.url)
  const { id } = (await api(gloss.url, guest, 'POST', '/api/documents', {
    markdown: 'Begin here.',
  })) as { id: string }
  const clients = [1, 2].map(() => new NodeClient(gloss.url, guest, id))
  for (const client of clients) open.push(client)
  await eventually(() => expect(clients.every(({ provider }) => provider.synced)).toBe(true))
  let word = 0
  const type = async (words: number) => {
    for (let n = 0; n < words; n++) {
      for (const client of clients) client.type(`w${word++}`, 0.5)
      // The next word when this one is saved: what was typed is on the disk.
      await eventually(() => expect(clients.every(({ settled }) => settled)).toBe(true), 2)
    }
  }
  return { gloss, guest, id, clients, type }
}

/** A Gloss that has run here and has nothing: as after a new installation, stopped. */
async function anotherMachine(): Promise<GlossProcess> {
  const gloss = await GlossProcess.start()
  open.push({ close: () => gloss.stop() })
  await gloss.terminate()
  await rm(gloss.dataDir, { recursive: true })
  return gloss
}

async function run({ dataDir }: GlossProcess, ...args: string[]) {
  const child = spawn(process.execPath, ['server/gloss.ts', ...args], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString()
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, errors }
}
