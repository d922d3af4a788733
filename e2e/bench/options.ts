/** What `npm run bench` may be told, read from its arguments. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SCENARIOS } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { ServerName } from './servers/server.ts'

export const SERVERS: readonly ServerName[] = [
  'raw',
  'yws',
  'yws+leveldb',
  'hocuspocus',
  'gloss',
  'sse',
  'lexical',
]

const HERE = fileURLToPath(new URL('.', import.meta.url))

export interface Options {
  scenarios: readonly Scenario[]
  servers: readonly ServerName[]
  /** Undefined: as many as each scenario asks for. */
  rounds: number | undefined
  quick: boolean
  /** Where the results are written; undefined where they are only printed. */
  out: string | undefined
}

export const USAGE = `npm run bench -- [A50 S50 …] [--only A50,S50] [--servers raw,gloss] [--rounds 1] [--quick] [--out folder]
scenarios: ${SCENARIOS.map(({ name }) => name).join(' ')}
servers:   ${SERVERS.join(' ')}`

/** Throws a sentence that names what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  })
  const names = SCENARIOS.map(({ name }) => name)
  const named = [values.only, ...positionals].filter((it) => it !== undefined).join(',')
  const only = named === '' ? names : chosen(named, names, 'scenario')
  const servers = values.servers === undefined ? SERVERS : chosen(values.servers, SERVERS, 'server')
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error('--rounds is a number from 1')
  }
  const { quick } = values
  const whole = !quick && named === '' && values.servers === undefined
  return {
    scenarios: SCENARIOS.filter(({ name }) => only.includes(name)),
    servers,
    rounds,
    quick,
    out: values.out ?? (whole ? HERE : undefined),
  }
}

function chosen<T extends string>(list: string, all: readonly T[], what: string): T[] {
  return list.split(',').map((name) => {
    const found = all.find((it) => it === name.trim())
    if (found === undefined) throw new Error(`there is no ${what} ${name}`)
    return found
  })
}
