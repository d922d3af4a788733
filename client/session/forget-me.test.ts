import { afterEach, expect, test, vi } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { forgetMe, whenForgotten } from './forget-me.ts'

/** IndexedDB as far as it is asked: some names, and what happens to a database that is open. */
function browser(names: string[], open: string[] = []) {
  const deleted: string[] = []
  vi.stubGlobal('indexedDB', {
    databases: async () => names.map((name) => ({ name, version: 1 })),
    deleteDatabase: (name: string) => {
      const request = { onsuccess: () => undefined, onblocked: () => undefined }
      deleted.push(name)
      setTimeout(() => (open.includes(name) ? request.onblocked() : request.onsuccess()))
      return request
    },
  })
  return deleted
}
const answer = (status: number) =>
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(status === 204 ? null : '{}', { status })),
  )

afterEach(() => vi.unstubAllGlobals())

test('[V133] who is forgotten leaves nothing on the device, and others’ copies stay', async () => {
  const deleted = browser(
    ['gloss:ada:plan', 'gloss:ada:notes', 'gloss:adam:plan', 'gloss:ben:plan', 'other'],
    ['gloss:ada:notes'],
  )
  answer(204)
  await forgetMe('ada')
  expect(deleted.toSorted()).toEqual(['gloss:ada:notes', 'gloss:ada:plan'])
  expect(fetch).toHaveBeenCalledWith('/api/session', expect.objectContaining({ method: 'DELETE' }))
})

test('[V134] nobody is half forgotten: without the server’s word the copies stay', async () => {
  const deleted = browser(['gloss:ada:plan'])
  answer(503)
  await expect(forgetMe('ada')).rejects.toMatchObject({ status: 503 })
  expect(deleted).toEqual([])
})

test('[V135] the other tabs of who is forgotten hear of it, and nobody else’s', async () => {
  browser([])
  answer(204)
  const heard: string[] = []
  const ends = ['ada', 'ben'].map((user) => whenForgotten(user, () => heard.push(user)))
  await forgetMe('ada')
  await eventually(() => expect(heard).toEqual(['ada']))
  for (const end of ends) end()
})
