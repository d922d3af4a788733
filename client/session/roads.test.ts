import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WebsocketProvider } from 'y-websocket'
import { Roads } from './roads.ts'

class Socket {}
class Requests {}

/** The provider as far as roads look at it. */
function provider() {
  const listeners = new Map<string, (event: unknown) => void>()
  const connect = vi.fn()
  const fake = {
    _WS: undefined as unknown,
    ws: null,
    shouldConnect: true,
    wsconnected: false,
    on: (name: string, listener: (event: unknown) => void) => void listeners.set(name, listener),
    connect,
    disconnect: vi.fn(),
  }
  const begins = () => listeners.get('status')?.({ status: 'connecting' })
  const ends = async (code: number) => {
    listeners.get('connection-close')?.({ code })
    await vi.advanceTimersByTimeAsync(0)
  }
  return { fake, begins, ends, connect }
}

function roads(reaches: () => Promise<boolean>) {
  const { fake, ...rest } = provider()
  const kinds = { socket: Socket, http: Requests } as unknown as Record<
    'socket' | 'http',
    typeof WebSocket
  >
  const all = new Roads({ provider: fake as unknown as WebsocketProvider, kinds, reaches })
  return { fake, roads: all, ...rest }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', { CONNECTING: 0, OPEN: 1 })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('[V185] plain requests are the road after two sockets that failed while the server answered, and are taken at once', async () => {
  const { roads: it, fake, begins, ends, connect } = roads(async () => true)
  begins()
  await ends(1006)
  expect(it.road).toBe('socket')
  begins()
  await ends(1006)
  expect(it.road).toBe('http')
  expect(fake._WS).toBe(Requests)
  await vi.advanceTimersByTimeAsync(300)
  expect(connect).toHaveBeenCalledOnce()
  it.close()
})

test('[V188] sockets that are cut soon after they were heard are no road either', async () => {
  const { roads: it, begins, ends } = roads(async () => true)
  for (let times = 0; times < 2; times++) {
    begins()
    it.heard()
    await ends(1006)
  }
  expect(it.road).toBe('http')
  it.close()
})

test('[V186] a server that is away sends nobody to plain requests, however often sockets fail', async () => {
  let up = false
  const { roads: it, begins, ends } = roads(async () => up)
  for (let times = 0; times < 20; times++) {
    begins()
    await ends(1006)
    expect(it.road).toBe('socket')
  }
  // It comes back between a socket that failed and the question whether it is there.
  up = true
  begins()
  await ends(1006)
  begins()
  it.heard()
  expect(it.road).toBe('socket')
  it.close()
})

test('[V187] an answer that comes when a socket is heard already does not count against sockets', async () => {
  let answer: (reached: boolean) => void = () => undefined
  const {
    roads: it,
    begins,
    ends,
  } = roads(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  for (let times = 0; times < 3; times++) {
    begins()
    await ends(1006)
    begins()
    it.heard()
    answer(true)
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(it.road).toBe('socket')
  it.close()
})
