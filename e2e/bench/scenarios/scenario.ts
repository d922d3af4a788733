/** A scenario: what is done to a server and what is read off it. */
import type { BenchServer, ServerName } from '#e2e/bench/servers/server.ts'

/** One measurement. What a server cannot do is null. */
export type Metrics = Readonly<Record<string, number | boolean | null>>

export interface Trial {
  server: ServerName
  /** Shorter windows and fewer people, to see that all of it works. */
  quick: boolean
  /** Starts the server; the trial's end disposes of it. */
  start(env?: Record<string, string>): Promise<BenchServer>
}

export interface Column {
  key: string
  title: string
  /** Whether medians are compared with the baseline's. */
  ratio?: true
}

export interface Scenario {
  name: string
  /** A sentence that says what is done. */
  does: string
  servers: readonly ServerName[]
  rounds: number
  /** Whose medians the others are compared with; the relay's where none is named. */
  baseline?: ServerName
  columns: readonly Column[]
  run(trial: Trial): Promise<Metrics>
}

export const EVERYBODY = ['raw', 'yws', 'yws+leveldb', 'hocuspocus', 'gloss'] as const
/** Those that keep what they are given over a restart. */
export const KEEPERS = ['yws+leveldb', 'hocuspocus', 'gloss'] as const

export const MIB = 1 << 20

/** So many digits as tell something. */
export const rounded = (value: number): number => Number(value.toPrecision(4))
