/** Plays one scenario on one HTTP response: its pace, its pieces and its fault. */
import type { ServerResponse } from 'node:http'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type Answer, completionOf, drips, frameOf, framesOf } from './frames.ts'
import type { Scenario } from './scenario.ts'

/** How far a late token may be caught up with, in milliseconds. */
const CATCH_UP_MS = 50
const COMMENT_MS = 20
const ENDLESS = Buffer.alloc(64 * 1024, 'x')

export interface Stage {
  response: ServerResponse
  scenario: Scenario
  answer: Answer
  stream: boolean
  usageAsked: boolean
  /** Aborts when the connection has closed, whoever closed it. */
  closed: AbortSignal
  wrote(bytes: number, tokens: number): void
  stalled(yes: boolean): void
  /** Resolves on the next release. */
  held(): Promise<void>
}

/** Resolves when the answer has ended; rejects when the connection closed before. */
export async function play(stage: Stage): Promise<void> {
  const { scenario, response } = stage
  await pause(stage, scenario.headersDelay)
  if (scenario.at === 'headers' && (await strike(stage)) === 'over') return
  if (scenario.status !== 200) return refuse(stage)

  if (scenario.shape === 'html') return whole(stage, 'text/html', '<!doctype html><h1>Hi</h1>')
  if (scenario.shape === 'empty') return whole(stage, 'text/event-stream', '')
  if (scenario.shape === 'json' || !stage.stream) {
    const body = JSON.stringify(completionOf(scenario, stage.answer))
    return whole(stage, 'application/json', body)
  }

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  if (scenario.cutAt > 0) return sendInTwo(stage)
  await pause(stage, scenario.firstDelay)
  await sendFrames(stage)
}

async function sendFrames(stage: Stage): Promise<void> {
  const { scenario, answer, response } = stage
  let sent = 0
  let struck = scenario.at === 'headers'
  let due = performance.now()
  for (const frame of framesOf(scenario, answer, stage.usageAsked)) {
    const place = scenario.at === 'first' ? 0 : Number(scenario.at)
    const again = scenario.fault === 'lock-step'
    if ((!struck || again) && frame.tokens > 0 && sent >= place) {
      struck = true
      if ((await strike(stage)) === 'over') return
    }
    if (frame.tokens > 0 && sent > 0) {
      due = Math.max(due + scenario.delay, performance.now() - CATCH_UP_MS)
      await pause(stage, due - performance.now())
    }
    await send(stage, frame.bytes, frame.tokens)
    if (sent === 0) due = performance.now()
    sent += frame.tokens
  }
  if (!struck && (await strike(stage)) === 'over') return
  response.end()
}

/** Lets the fault happen. `over`: nothing may follow. */
async function strike(stage: Stage): Promise<'over' | 'go on'> {
  const { scenario, response } = stage
  switch (scenario.fault) {
    case 'none':
      return 'go on'
    case 'hang':
      return await untilClosed(stage)
    case 'hold':
    case 'lock-step':
      await stage.held()
      return 'go on'
    case 'comments':
      while (response.headersSent) {
        await send(stage, Buffer.from(': still here\n\n'), 0)
        await pause(stage, COMMENT_MS)
      }
      return await untilClosed(stage)
    case 'reset':
      // What was written must leave before the connection is cut.
      await setImmediate()
      response.socket?.resetAndDestroy()
      return 'over'
    case 'end':
      response.end()
      return 'over'
    case 'malformed':
      for (let n = 0; n < scenario.count; n++) {
        await send(stage, frameOf(scenario, '{"choices":[{"delta":{"con').bytes, 0)
      }
      return 'go on'
    case 'error-frame':
      await send(stage, frameOf(scenario, errorOf(scenario)).bytes, 0)
      response.end()
      return 'over'
    case 'endless-line':
      await send(stage, Buffer.from('data: '), 0)
      for (;;) await send(stage, ENDLESS, 0)
  }
}

function refuse({ scenario, response }: Stage): void {
  if (scenario.retryAfter) response.setHeader('retry-after', scenario.retryAfter)
  response.writeHead(scenario.status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(errorOf(scenario)))
}

const errorOf = (scenario: Scenario) => ({
  error: {
    message: 'SECRET words of the upstream',
    type: scenario.code || 'scripted',
    code: scenario.code || null,
  },
})

async function whole(stage: Stage, type: string, body: string): Promise<void> {
  stage.response.writeHead(200, { 'content-type': type })
  if (body) await send(stage, Buffer.from(body), 0)
  stage.response.end()
}

async function sendInTwo(stage: Stage): Promise<void> {
  const frames = [...framesOf(stage.scenario, stage.answer, stage.usageAsked)]
  const body = Buffer.concat(frames.map(({ bytes }) => bytes))
  await send(stage, body.subarray(0, stage.scenario.cutAt), 0)
  await setImmediate()
  await setImmediate()
  await send(stage, body.subarray(stage.scenario.cutAt), 0)
  stage.response.end()
}

/** Writes, and waits until the kernel has taken it. */
async function send(stage: Stage, bytes: Buffer, tokens: number): Promise<void> {
  const { response, scenario, closed } = stage
  for (const piece of drips(bytes, scenario.drip)) {
    closed.throwIfAborted()
    if (!response.write(piece)) await drained(stage)
    stage.wrote(piece.length, 0)
    if (scenario.drip > 0) await setImmediate()
  }
  stage.wrote(0, tokens)
}

function drained(stage: Stage): Promise<void> {
  const { response, closed } = stage
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      stage.stalled(false)
      response.off('drain', onDrain)
      closed.removeEventListener('abort', onClosed)
      end()
    }
    const onDrain = () => settle(resolve)
    const onClosed = () => settle(() => reject(closed.reason))
    stage.stalled(true)
    response.once('drain', onDrain)
    closed.addEventListener('abort', onClosed)
  })
}

async function pause({ closed }: Stage, ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: closed })
  else closed.throwIfAborted()
}

const untilClosed = ({ closed }: Stage): Promise<never> =>
  new Promise((_, reject) => {
    closed.addEventListener('abort', () => reject(closed.reason), { once: true })
    if (closed.aborted) reject(closed.reason)
  })
