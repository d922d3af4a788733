/** Runs every check, those that wait side by side, and tells each verdict as it is found. */
import { unreachable } from '#shared/errors.ts'
import { api } from '../api.ts'
import { judgeAddress, judgeClock, judgeHttp, look, type Seen } from './address.ts'
import type { CheckId, Probing, Verdict } from './check.ts'
import { judgeBody, judgeRequests, probeBody, probeRequests } from './requests.ts'
import { judgeSocket, probeSocket } from './socket.ts'
import { judgeStorage, probeStorage } from './storage.ts'
import { judgePatience, judgeStream, probePatience, probeStream } from './stream.ts'

export type Told = (check: CheckId, verdict: Verdict) => void

export interface Reached {
  /** What the answers say that the server is: often the proxy's name. */
  server: string
}

/** How often a stream that does not come as it is sent is looked at before the proxy is blamed. */
const LOOKS = 3

const NO_DOCUMENT: Verdict = {
  level: 'unknown',
  saw: 'Not tested: no document could be opened. See the address above.',
}

/** Resolves when all is told; undefined where the server was not reached at all. */
export async function diagnose(probing: Probing, tell: Told): Promise<Reached | undefined> {
  const storage = probeStorage().then((facts) => tell('storage', judgeStorage(facts)))
  const seen = await meet()
  if (!seen) {
    await storage
    return undefined
  }
  tell('address', judgeAddress(seen, location))
  tell('clock', judgeClock(seen))
  tell('http', judgeHttp(seen, location.protocol))
  const document = await borrowDocument()
  const about = async (check: CheckId, judged: Promise<Verdict>) => {
    tell(check, await judged.catch(notTested))
  }
  await Promise.all([
    storage,
    about('stream', watchStream(probing)),
    about(
      'patience',
      probePatience(probing).then((facts) => judgePatience(facts, probing)),
    ),
    about('body', probeBody().then(judgeBody)),
    about('socket', onDocument(document, 'socket', probing)),
    about('requests', onDocument(document, 'requests', probing)),
  ])
  await document?.giveBack()
  return { server: seen.server }
}

/** Comes in as a guest, as the page of a document does, and sees how that looked. */
async function meet(): Promise<Seen | undefined> {
  try {
    await api.signIn()
  } catch {
    // That it does not work is what the next question finds out about.
    return look().catch(() => undefined)
  }
  return look().catch(() => undefined)
}

/**
 * Looks again before a stream is called gathered or cut: a page that stood still reads in one burst
 * what came piece by piece, and a proxy that gathers does so each time.
 */
async function watchStream(probing: Probing): Promise<Verdict> {
  let verdict: Verdict
  let looks = 0
  do verdict = judgeStream(await probeStream(probing), probing)
  while (verdict.level !== 'good' && ++looks < LOOKS)
  return verdict
}

async function onDocument(
  document: Borrowed | undefined,
  check: 'socket' | 'requests',
  probing: Probing,
): Promise<Verdict> {
  if (!document) return NO_DOCUMENT
  switch (check) {
    case 'socket':
      return judgeSocket(await probeSocket(document.id, probing), probing)
    case 'requests':
      return judgeRequests(await probeRequests(document.id))
    default:
      return unreachable(check)
  }
}

interface Borrowed {
  id: string
  giveBack(): Promise<unknown>
}

/** A document of one's own, as nothing is written to it; or one for as long as this takes. */
async function borrowDocument(): Promise<Borrowed | undefined> {
  try {
    const [mine] = (await api.documents({ limit: 1 })).documents
    if (mine) return { id: mine.id, giveBack: async () => undefined }
    const { id } = await api.createDocument({ title: 'Connection test' })
    return { id, giveBack: () => api.deleteDocument(id).catch(() => undefined) }
  } catch {
    return undefined
  }
}

const notTested = (error: unknown): Verdict => ({
  level: 'unknown',
  saw: `Not tested: ${error instanceof Error ? error.message : 'it failed'}.`,
})
