/**
 * What an instance counts, under the contract's names. One registry an instance, so that two can
 * live in one test. No label has values that a user can invent.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

const FAST = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const SLOW = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 120]

export class Metrics {
  readonly registry = new Registry()

  readonly connections = this.#gauge('gloss_connections', 'Open connections', ['kind'])
  readonly connectionsOpened = this.#counter('gloss_connections_opened_total', 'Connections opened')
  readonly rooms = this.#gauge('gloss_rooms', 'Open rooms')
  readonly commitSeconds = this.#histogram('gloss_commit_seconds', 'One commit transaction', FAST)
  readonly ackSeconds = this.#histogram('gloss_ack_seconds', 'Receive to ack', FAST)
  readonly fanoutSeconds = this.#histogram('gloss_fanout_seconds', 'Commit to last send', FAST)
  readonly unackedBytes = this.#gauge(
    'gloss_unacked_bytes',
    'Bytes taken in that are neither committed nor refused',
  )
  readonly rejected = this.#counter('gloss_rejected_total', 'Refused updates', ['reason'])
  readonly hintGaps = this.#counter('gloss_hint_gap_total', 'Hints that revealed a gap')
  readonly logRereads = this.#counter('gloss_log_reread_total', 'Reads of the log to heal a gap')
  readonly sseResets = this.#counter('gloss_sse_resets_total', 'Lanes told to start afresh')
  readonly runs = this.#counter('gloss_runs_total', 'Runs ended', ['outcome'])
  readonly runSeconds = this.#histogram('gloss_run_seconds', 'A run from start to end', SLOW)
  readonly firstTokenSeconds = this.#histogram(
    'gloss_time_to_first_token_seconds',
    'Asking to first token',
    SLOW,
  )
  readonly tokenGapSeconds = this.#histogram('gloss_token_gap_seconds', 'Between tokens', FAST)
  readonly tokens = this.#counter('gloss_tokens_total', 'Tokens', ['direction'])
  readonly limitRefused = this.#counter('gloss_limit_refused_total', 'Refused by a limit', [
    'scope',
    'kind',
  ])
  readonly breakerState = this.#gauge('gloss_breaker_state', '0 closed, 1 half open, 2 open', [
    'endpoint',
  ])
  readonly fallbacks = this.#counter('gloss_fallback_total', 'Answers by another endpoint', [
    'reason',
  ])

  /** Prometheus text. */
  text(): Promise<string> {
    return this.registry.metrics()
  }

  #counter<const Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) {
    return new Counter<Label>({ name, help, labelNames, registers: [this.registry] })
  }

  #gauge<const Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) {
    return new Gauge<Label>({ name, help, labelNames, registers: [this.registry] })
  }

  #histogram(name: string, help: string, buckets: number[]) {
    return new Histogram({ name, help, buckets, registers: [this.registry] })
  }
}
