/** The table of a whole run, written where people look for it. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { INVARIANTS } from './evidence.ts'
import type { Played } from './play.ts'

const PATH = fileURLToPath(new URL('./RESULTS.md', import.meta.url))

export async function table(
  played: readonly Played[],
  { seed, rounds, seconds }: { seed: number; rounds: number; seconds: number },
): Promise<void> {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const lines = [
    '# Faults, as seen',
    '',
    `Written by \`npm run faults\`: ${new Date().toISOString().slice(0, 16)} UTC, commit ${commit}, Node ${process.version}, ${cpus().length} cores, loopback. Seed ${seed}, ${rounds} rounds, ${Math.round(seconds)} s in all. The numbers F01… are those of the fault list; a letter says on what: c two instances on Postgres and Redis, p one on Postgres, none one on SQLite.`,
    '',
    '| | fault | expected | seen | invariants that held | verdict |',
    '|---|---|---|---|---|---|',
    ...played.map(({ scenario, evidence, verdict, reasons }) => {
      const seen = [...evidence.figures, ...reasons.map((line) => `**${line.split('\n')[0]}**`)]
      const cells = [scenario.id, scenario.fault, scenario.expected, seen.join('; ')]
      return `| ${[...cells, evidence.held.join(' '), verdict].map(cell).join(' | ')} |`
    }),
    '',
    'The invariants, looked at in the database past the product:',
    '',
    ...Object.entries(INVARIANTS).map(([name, sentence]) => `- ${name}: ${sentence}`),
    '',
  ]
  await writeFile(PATH, lines.join('\n'))
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
