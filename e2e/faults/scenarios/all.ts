/** Every scenario, in the order of the fault list. */
import type { Scenario } from '../stage.ts'
import { backupUnderLoad, dumpUnderLoad } from './backups.ts'
import { cutOffFromRedis, oneCutOffFromDatabase, redisFaults } from './bus.ts'
import { compactionKilledAtEachStep, compactorsMeet } from './compaction.ts'
import {
  answerLost,
  databaseDies,
  databaseFreezes,
  databaseOutOfReach,
  databaseSaysNo,
} from './database.ts'
import { comeAndGo, killAll, killOne, terminate } from './kills.ts'
import { badLink, halfOpen } from './links.ts'
import { clocks, longAway, revoked } from './others.ts'
import { halfOpenPage } from './page.ts'
import { pausedReaders } from './paused.ts'
import { rounds } from './rounds.ts'
import { decisionRace, modelFaults, ownerKilledAtChunks, zombie } from './runs.ts'
import { compactionKilled, diskFull, rot } from './storage.ts'

export const SCENARIOS: readonly Scenario[] = [
  killOne('sqlite'),
  killOne('postgres'),
  killOne('cluster'),
  killAll('sqlite'),
  killAll('cluster'),
  comeAndGo,
  redisFaults,
  databaseDies,
  databaseFreezes,
  databaseOutOfReach,
  oneCutOffFromDatabase,
  answerLost,
  databaseSaysNo,
  cutOffFromRedis,
  badLink,
  halfOpen,
  halfOpenPage,
  pausedReaders,
  diskFull,
  rot,
  compactionKilled('sqlite'),
  compactionKilled('cluster'),
  compactionKilledAtEachStep('sqlite'),
  compactionKilledAtEachStep('postgres'),
  compactorsMeet,
  clocks,
  zombie,
  revoked('sqlite'),
  revoked('cluster'),
  modelFaults,
  ownerKilledAtChunks('sqlite'),
  ownerKilledAtChunks('cluster'),
  decisionRace('sqlite'),
  decisionRace('cluster'),
  longAway,
  backupUnderLoad,
  dumpUnderLoad,
  terminate('sqlite'),
  terminate('cluster'),
  rounds,
]
