/**
 * What every store must do, whatever is behind it. An adapter's test file calls this with a way to
 * open a fresh database, and passes all of it unchanged.
 */
import { describe } from 'vitest'
import { catalogContract } from './contract/catalog.ts'
import { commitContract } from './contract/commits.ts'
import { damageContract } from './contract/damage.ts'
import { deletionContract } from './contract/deletion.ts'
import type { OpenStore } from './contract/harness.ts'
import { historyContract } from './contract/history.ts'
import { instancesContract } from './contract/instances.ts'
import { randomContract } from './contract/random.ts'
import { runContract } from './contract/runs.ts'

export type { OpenStore, StoreHarness } from './contract/harness.ts'

export function documentStoreContract(name: string, open: OpenStore): void {
  describe(name, () => {
    catalogContract(open)
    commitContract(open)
    historyContract(open)
    damageContract(open)
    runContract(open)
    instancesContract(open)
    deletionContract(open)
    randomContract(open)
  })
}
