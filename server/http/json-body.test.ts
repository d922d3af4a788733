import { expect, test } from 'vitest'
import { Served } from '#server/testing/served.ts'
import { LIMITS } from '#shared/protocol/limits.ts'

test('[W57] a body, its depth, a title, a name and a first text are taken at their limit and not beyond', async () => {
  await using served = await Served.open()
  const ada = await served.guest()
  const post = async (body: unknown) => (await ada.call('POST', '/api/documents', body)).status
  const rename = async (name: string) => (await ada.call('PATCH', '/api/session', { name })).status
  const deep = (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`
  const detail = async (body: string) =>
    String((await ada.call<{ detail: string }>('POST', '/api/documents', body)).body.detail)
  const { jsonBytes, jsonDepth, titleCharacters, nameCharacters } = LIMITS

  const filled = (bytes: number) => `{"title":"x"}${' '.repeat(bytes - 13)}`
  expect(await post(filled(jsonBytes))).toBe(201)
  expect(await post(filled(jsonBytes + 1))).toBe(413)
  // At the limit it is read, and then found to be no document.
  expect(await detail(deep(jsonDepth))).toMatch(/The body is not right/)
  expect(await detail(deep(jsonDepth + 1))).toBe('The request is not one that this route takes.')
  expect(await post({ title: 'x'.repeat(titleCharacters) })).toBe(201)
  expect(await post({ title: 'x'.repeat(titleCharacters + 1) })).toBe(400)
  expect(await rename('x'.repeat(nameCharacters))).toBe(200)
  expect(await rename('x'.repeat(nameCharacters + 1))).toBe(400)
  expect(await post({ markdown: 'word '.repeat(104_857) })).toBe(201)
  expect(await post({ markdown: 'x'.repeat(512 * 1024 + 1) })).toBe(400)
})
