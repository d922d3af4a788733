/**
 * The order of the test files: those that take long begin first, so that no worker is left with
 * one of them at the end. What is not named here comes after them, larger files first.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Longest first, by a part of the path. A file that is missing here costs time and nothing else. */
const LONG = [
  'e2e/faults/faults',
  'server/store/postgres',
  'server/http/sync-',
  'server/store/sqlite',
  'e2e/backup',
  'e2e/cluster/cluster',
  'e2e/kill',
  'server/suggestions/fuzz',
  'server/testing/history/rate',
  'server/bus/redis',
  'server/http/bad-requests',
  'server/http/runs',
  'server/ai/built-in',
  'server/open',
  'server/ai/openai',
  'server/rooms/simulation',
  'server/http/back-pressure',
  'client/editor/binding/echo',
  'e2e/cluster/main',
  'server/deploy/image',
  'server/rooms/convergence',
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
