/**
 * MeantAddress reads an answer of which no address may be changed: it goes where it must be meant,
 * where that can be told, and else nowhere. Its addresses never count as its text.
 */
import type { AddressedBlock } from '../addresses.ts'
import { type AnswerAddress, addressOf } from './answer-address.ts'
import { share, withAddresses } from './plain-answer.ts'

export interface MeantOptions {
  /** What may be changed. */
  blocks: readonly AddressedBlock[]
  form: 'sentences' | 'blocks'
  /** The document's other blocks: an answer may be about one of these. */
  others: readonly AddressedBlock[]
}

interface Entry {
  address: AnswerAddress
  text: string
}

/** The answer in the form that EditStream reads; undefined where nobody can say what it is about. */
export function meantAnswer(answer: string, options: MeantOptions): string | undefined {
  const { blocks, form } = options
  const entries = entriesOf(answer)
  if (entries.length === 0) return withAddresses(answer, blocks, form)
  const meant = entries.filter(({ text }) => text !== '').filter((one) => isMeant(one, options))
  const marked = blocks.filter(({ text }) => text.trim() !== '')
  const [only] = marked
  if (meant.length === 0 || !only) return undefined
  if (marked.length === 1) {
    const renamed = inBlock(only, meant)
    if (renamed) return renamed
    const [alone] = meant
    const isAll = meant.length === 1 && (!alone?.address.sentences || only.sentences.length === 1)
    if (isAll) return withAddresses(alone!.text, blocks, form)
  }
  const targets =
    form === 'blocks'
      ? marked.map(({ address, whole }) => whole && `@@ ${address}\n`)
      : marked.flatMap(({ sentences }) => sentences.map(({ address }) => `${address}: `))
  if (targets.length !== meant.length || targets.includes(false)) return undefined
  return meant.map(({ text }, n) => `${targets[n]}${text}\n`).join('')
}

/** What stands before the first address is talk. */
function entriesOf(answer: string): Entry[] {
  const entries: Entry[] = []
  for (const line of answer.split('\n')) {
    const address = addressOf(line)
    if (address) entries.push({ address, text: address.rest })
    else if (entries.length > 0) entries.at(-1)!.text += `\n${line}`
  }
  return entries.map(({ address, text }) => ({ address, text: text.trim() }))
}

/**
 * An answer that names another block of the document is for that one, unless its words tell. One
 * for all of a block of which sentences were marked would change the others.
 */
function isMeant({ address, text }: Entry, { blocks, others }: MeantOptions): boolean {
  const marked = blocks.find((block) => block.address === address.block)
  if (marked && !marked.whole && !address.sentences) return false
  const named = others.find((block) => block.address === address.block)
  if (!named) return true
  const most = Math.max(...blocks.map((block) => share(text, block.text)))
  return most > share(text, named.text)
}

/** One block was marked, and one was named: its sentences are counted alike. */
function inBlock(block: AddressedBlock, entries: readonly Entry[]): string | undefined {
  const known = new Set(block.sentences.map(({ address }) => address))
  const isOne = new Set(entries.map(({ address }) => address.block)).size === 1
  const lines = entries.map(({ address: { sentences }, text }) => {
    if (!isOne || !sentences) return undefined
    const { first, last } = sentences
    const names = Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n)
    const isKnown = names.length > 0 && names.every((n) => known.has(`${block.address}.${n}`))
    return isKnown ? `${block.address}.${first}-${last}: ${text}\n` : undefined
  })
  return lines.includes(undefined) ? undefined : lines.join('')
}
