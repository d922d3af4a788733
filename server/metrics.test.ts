import { expect, test } from 'vitest'
import { Metrics } from './metrics.ts'

const NAMES = [
  'gloss_connections',
  'gloss_connections_opened_total',
  'gloss_rooms',
  'gloss_commit_seconds',
  'gloss_ack_seconds',
  'gloss_fanout_seconds',
  'gloss_unacked_bytes',
  'gloss_rejected_total',
  'gloss_hint_gap_total',
  'gloss_log_reread_total',
  'gloss_sse_resets_total',
  'gloss_runs_total',
  'gloss_run_seconds',
  'gloss_time_to_first_token_seconds',
  'gloss_token_gap_seconds',
  'gloss_tokens_total',
  'gloss_limit_refused_total',
  'gloss_breaker_state',
  'gloss_fallback_total',
]

test('[R78] an instance counts what the contract names, and two do not mix', async () => {
  const [one, two] = [new Metrics(), new Metrics()]

  one.rooms.set(3)

  for (const name of NAMES) expect(await one.text()).toContain(`# TYPE ${name} `)
  expect(await two.text()).toContain('gloss_rooms 0')
})
