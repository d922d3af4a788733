/**
 * The order of the test files: those that take long begin first, so that no worker is left with
 * one of them at the end. What is not named here comes after them, larger files first.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Longest first, by a part of the path. A file that is missing here costs time and nothing else. */
const LONG = [
  'e2e/faults/faults',
  'e2e/cluster/cluster',
  'e2e/kill',
  'server/store/sqlite.test',
  'server/bus/redis',
  'server/store/postgres',
  'e2e/backup',
  'server/http/sync-',
  'server/http/runs',
  'server/open',
  'server/http/bad-requests',
  'server/deploy/image',
  'server/suggestions/fuzz',
  'server/rooms/convergence',
  'server/rooms/simulation',
  'server/ai/openai',
  'server/rooms/redis',
]

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex((part) => moduleId.includes(part))
  return at < 0 ? LONG.length : at
}
