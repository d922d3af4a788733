/** `npm run cluster`, walked as a newcomer does: its script, the line that it prints, Ctrl+C. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { api, signIn } from '../node-client.ts'

/** Everything that it makes is made in here. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gloss-newcomer-'))
  chmodSync(folder, 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, ['e2e/cluster/main.ts'], {
    env: { PATH: process.env.PATH ?? '', TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { output: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said.output += data.toString()
    })
  }
  return { child, said }
}

test('[C45] npm run cluster prints where it is, serves from both instances, and leaves nothing at Ctrl+C', async () => {
  const port = await freePort()
  const { child, said } = run({ PORT: String(port) })
  const exit = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), exit])
  expect(said.output).toContain(`Gloss is at http://localhost:${port}\n`)

  const url = `http://localhost:${port}`
  const guest = await signIn(url)
  const { id } = (await api(url, guest, 'POST', '/api/documents', { markdown: 'Hello' })) as {
    id: string
  }
  // Each request goes to the other instance: what one wrote, both know.
  for (let n = 0; n < 4; n++) {
    expect(await api(url, guest, 'GET', `/api/documents/${id}`)).toMatchObject({ id })
  }
  expect((await fetch(`${url}/d/${id}`)).status).toBe(200)

  child.kill('SIGINT')
  expect(await exit).toEqual([0, null])
  expect(readdirSync(folder)).toEqual([])
  await expect(fetch(url)).rejects.toThrow()
})

test('[C46] where its port is taken or a program is missing it says so in one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }

  const second = run({ PORT: String(port) })
  expect(await once(second.child, 'close')).toEqual([1, null])
  expect(second.said.output).toBe(
    `gloss: port ${port} is in use; start with another: PORT=8081 npm run cluster\n`,
  )
  taken.close()

  const bare = run({ PATH: '/nowhere' })
  expect(await once(bare.child, 'close')).toEqual([1, null])
  expect(bare.said.output).toMatch(/^gloss: Redis missing\. Install with: .*redis-server.*\n$/)
})
