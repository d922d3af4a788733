/** A process for tests to kill: commits without end and prints the head after each answer. */
import { writeSync } from 'node:fs'
import { silent } from '#server/log.ts'
import { SqliteStore } from '../sqlite.ts'

const path = process.argv[2] ?? ''
const store = await SqliteStore.open({ path, log: silent, ballastBytes: 0 })
if (!(await store.getDocument('plan'))) {
  const first = new TextEncoder().encode('1')
  await store.createDocument({ id: 'plan', owner: 'ada', title: '', first, client: 1 })
}
let { head } = (await store.getDocument('plan'))!
for (;;) {
  const data = new TextEncoder().encode(`${head + 1}`)
  const updates = [{ actor: 'ada', data }]
  const [result] = await store.commit([{ document: 'plan', epoch: 1, updates }])
  if (!result?.ok) throw new Error('refused')
  head = result.head
  writeSync(1, `${head}\n`)
}
