/** Proofreading without a model: each sentence to the proofreader, its corrections as an edit. */
import type { BuiltInTask } from '../endpoint.ts'
import type { Proofreader } from './proofreader.ts'
import { cannot } from './rules.ts'

/** Enough to tell the language by. */
const SAMPLE = 2_000
/** A shorter text says too little about its language. */
const TELLING_WORDS = 6
const BRITISH =
  /\b\w*(?:colour|favour|behaviour|honour|labour|centre|theatre|licence)\w*|\w+is(?:e[ds]?|ing|ations?)\b/gi
const AMERICAN =
  /\b\w*(?:color|favor|behavior|honor|labor|center|theater|license)\w*|\w+iz(?:e[ds]?|ing|ations?)\b/gi

export async function* proofread(
  { blocks, isLater }: BuiltInTask,
  proofreader: Proofreader,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const sentences = blocks
    .filter(({ type, selected }) => selected && type !== 'code')
    .flatMap((block) => block.sentences.filter(({ selected }) => selected))
  const sample = sentences
    .map(({ text }) => text)
    .join(' ')
    .slice(0, SAMPLE)
  const dialect = dialectOf(sample)
  if (sample.split(/\s+/).length >= TELLING_WORDS) {
    const { english } = await proofreader.check({ text: sample, dialect }, signal)
    // A part in another language among others is left as it is.
    if (!english && isLater) return yield '@@ none\n'
    if (!english)
      throw cannot(
        'Proofreading without a language model works for English only. ' +
          'Connect a language model for other languages.',
      )
  }
  let changed = false
  for (const { address, text } of sentences) {
    const { corrected, english } = await proofreader.check({ text, dialect }, signal)
    if (!english || corrected === text || corrected.trim() === '') continue
    changed = true
    yield `${address}: ${corrected.replace(/\s*\n\s*/g, ' ')}\n`
  }
  if (!changed) yield '@@ none\n'
}

function dialectOf(text: string): 'american' | 'british' {
  const british = text.match(BRITISH)?.length ?? 0
  const american = text.match(AMERICAN)?.length ?? 0
  return british > american ? 'british' : 'american'
}
