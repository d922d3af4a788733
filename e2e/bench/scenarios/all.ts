/** The scenarios, in the order in which they run and are told. */
import { coldJoin } from './cold-join.ts'
import { paced, saturated } from './fan-out.ts'
import { idle } from './idle.ts'
import { kill } from './kill.ts'
import { lane } from './lane.ts'
import { manyRooms } from './many-rooms.ts'
import { page } from './page.ts'
import { paused } from './paused.ts'
import { EVERYBODY, type Scenario } from './scenario.ts'
import { storm } from './storm.ts'

export const SCENARIOS: readonly Scenario[] = [
  paced(10, 1),
  paced(50, 3),
  paced(100, 2),
  paced(200, 3),
  saturated(10, 1),
  saturated(50, 3),
  saturated(200, 1),
  manyRooms,
  idle('C1k', 1_000, 1, EVERYBODY),
  idle('C5k', 5_000, 3, EVERYBODY),
  idle('C10k', 10_000, 1, ['raw', 'yws', 'hocuspocus', 'gloss']),
  coldJoin('D1', 1, 2),
  coldJoin('D8', 8, 1),
  storm('E', false, 1),
  storm('Er', true, 1),
  kill('F', 5, 1),
  paused,
  lane,
  page,
]
