import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { doubt } from './doubt.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A connection whose server answers, or is not there any more. */
function connection({ answers }: { answers: boolean }) {
  const said: string[] = []
  const provider = {
    wsconnected: true,
    wsLastMessageReceived: Date.now(),
    awareness: {
      getLocalState: () => ({ user: 'me' }),
      setLocalState: () => {
        said.push('asked')
        if (answers) provider.wsLastMessageReceived = Date.now()
      },
    },
    disconnect: () => {
      provider.wsconnected = false
      said.push('given up')
    },
    connect: () => void said.push('connected'),
  }
  return { provider, said }
}

test('[C113] a connection that lets what is typed wait and answers nothing is given up within fifteen seconds', () => {
  const { provider, said } = connection({ answers: false })
  const typedAt = Date.now()
  const end = doubt(provider, () => typedAt)

  vi.advanceTimersByTime(4_000)
  expect(said).toEqual([])
  vi.advanceTimersByTime(11_000)
  end()

  expect(said).toEqual(['asked', 'given up', 'connected'])
})

test('[C114] a server that answers but cannot save for minutes is not left, and where nothing waits nothing is asked', () => {
  const slow = connection({ answers: true })
  const idle = connection({ answers: false })
  const typedAt = Date.now()
  const ends = [doubt(slow.provider, () => typedAt), doubt(idle.provider, () => undefined)]

  vi.advanceTimersByTime(300_000)
  for (const end of ends) end()

  expect(new Set(slow.said)).toEqual(new Set(['asked']))
  expect(idle.said).toEqual([])
})
