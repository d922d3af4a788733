/** The embedded store: the contract, and what is SQLite's own. */
import { documentStoreContract } from './document-store.contract.ts'
import { openSqliteHarness } from './testing/sqlite-harness.ts'

documentStoreContract('the store on SQLite', openSqliteHarness)
