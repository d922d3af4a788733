/**
 * The thread in which large updates are inspected, off the event loop. It has no document: what
 * the verdict depends on it asks of the room, an update at a time.
 */
import { parentPort } from 'node:worker_threads'
import { judge, read, type Verdict } from './inspector.ts'
import { type Answers, ask, type Questions } from './told-known.ts'

export interface InspectionJob {
  job: number
  update: Uint8Array
  user: string
  maxNewClients: number
  takingBack: boolean
}
/** Without answers the room could not be asked: the job is at its end. */
export type ToThread = InspectionJob | { job: number; answers: Answers | undefined }
export type FromThread =
  | { job: number; questions: Questions }
  /** Without the items: nothing else of the room is judged until it is committed. */
  | { job: number; verdict: Verdict }
  | { job: number; problem: string }

const port = parentPort
let answered: ((answers: Answers | undefined) => void) | undefined
let working: Promise<void> = Promise.resolve()

port?.on('message', (message: ToThread) => {
  if ('answers' in message) answered?.(message.answers)
  else if ('update' in message) working = working.then(() => inspect(message))
})

async function inspect(asked: InspectionJob): Promise<void> {
  const { job, update, user, maxNewClients, takingBack } = asked
  try {
    const it = read(update)
    let verdict = 'verdict' in it ? it.verdict : undefined
    if ('parts' in it) {
      const asking = ask(it.parts)
      let step = asking.next()
      while (!step.done) step = asking.next(await told({ job, questions: step.value }))
      verdict = judge(it.parts, step.value, user, maxNewClients, takingBack)
      if (verdict.ok) verdict = { ...verdict, items: [] }
    }
    port?.postMessage({ job, verdict })
  } catch (error) {
    port?.postMessage({ job, problem: error instanceof Error ? error.message : String(error) })
  }
}

function told(message: FromThread): Promise<Answers> {
  return new Promise((resolve, reject) => {
    answered = (answers) => (answers ? resolve(answers) : reject(new Error('not answered')))
    port?.postMessage(message)
  })
}
