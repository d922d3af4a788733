/** The most telling of `npm run faults` on one instance; those on Postgres are in faults.cluster. */
import { backupUnderLoad } from './scenarios/backups.ts'
import { compactionKilledAtEachStep } from './scenarios/compaction.ts'
import { compactionKilled, rot } from './scenarios/storage.ts'
import { short } from './short.ts'

short([
  ['[C82] what rots on the disk is served whole from what is sound, or refused, never empty', rot],
  [
    '[C83] compaction that is killed at any moment leaves the document as it was',
    compactionKilled('sqlite'),
  ],
  [
    '[C115] a compaction that is killed with any of its steps begun and not ended has made its snapshot and its deletion wholly or not at all',
    compactionKilledAtEachStep('sqlite'),
  ],
  [
    '[C117] a backup made under load has all that was acknowledged before it, and people give back what came later',
    backupUnderLoad,
  ],
])
