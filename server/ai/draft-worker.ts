/** The thread in which one large text is read in. It is ended from outside when it takes too long. */
import { parentPort, workerData } from 'node:worker_threads'
import { draft } from './draft.ts'

parentPort?.postMessage(draft(String(workerData)))
