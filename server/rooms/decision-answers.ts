/**
 * Answers to decisions that were asked with a key: the first is kept with what it is about, and
 * whoever asks again is told the same, whatever has become of the suggestion since.
 */
import type { DocumentStore, KeptAnswer } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import { KeptDecision } from '#shared/protocol/api.ts'
import type { Decide, DecidedChunk } from './asked-decisions.ts'
import { DecisionConflict } from './decision-conflict.ts'

/** What is kept of one decision; undefined where it has no key. */
export function keptAnswer(asked: Decide, answer: KeptDecision): KeptAnswer | undefined {
  const key = keyOf(asked)
  if (key === undefined) return undefined
  return { key, asked: nameOf(asked), data: JSON.stringify(answer) }
}

/**
 * What was answered to the same decision before. Throws the conflict that it met then, and
 * `conflict` where the key was used for another decision.
 */
export async function answeredBefore(
  store: Pick<DocumentStore, 'answerTo'>,
  document: string,
  asked: Decide,
): Promise<DecidedChunk[] | undefined> {
  const key = keyOf(asked)
  const kept = key === undefined ? undefined : await store.answerTo(document, key)
  if (!kept) return undefined
  if (kept.asked !== nameOf(asked)) {
    const error = new GlossError('conflict', 'a key of another decision')
    error.public = 'This key was used for another decision. Take a new one.'
    throw error
  }
  const answer = KeptDecision.parse(JSON.parse(kept.data))
  if ('winners' in answer) throw new DecisionConflict(answer.winners)
  return answer.chunks
}

/** Two people may choose the same key. */
const keyOf = ({ by, key }: Decide): string | undefined =>
  key === undefined ? undefined : `${by.id}/${key}`

const nameOf = ({ suggestion, decision, chunks }: Decide): string =>
  JSON.stringify([suggestion, decision, chunks ?? 'all'])
