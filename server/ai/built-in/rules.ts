/**
 * What the built-in engine writes for each command that needs no dictionary, in the same answer
 * forms as a model. It picks, orders and shortens what is there, and says so; it never makes up.
 */
import type { BuiltInTask } from '../endpoint.ts'
import { ModelError } from '../endpoint.ts'
import { completePhrase } from './phrase-completion.ts'
import { asMarkdown, clip } from './plain-markdown.ts'
import { keyPhrases, keywords, mostTelling } from './text-rank.ts'
import { tighten } from './tighten.ts'

type TaskBlock = BuiltInTask['blocks'][number]

/** Nothing can be written: a sentence that says why, for people. */
export const cannot = (sentence: string): ModelError =>
  new ModelError('bad-request', 'the built-in engine cannot do this', { sentence })

const isProse = ({ type }: TaskBlock): boolean =>
  type === 'paragraph' || type === 'quote' || type === 'listitem'

const NOTHING = '@@ none\n'

export function summary({ blocks }: BuiltInTask): string {
  const sentences = blocks
    .filter((block) => block.selected && isProse(block))
    .flatMap((block) => block.sentences.filter(({ selected }) => selected))
    .map(({ text }) => text)
    .filter((text) => keywords(text).length > 1)
  if (sentences.length < 2)
    throw cannot('There is too little text here to summarise. Select a few sentences or more.')
  const count = Math.max(1, Math.min(6, Math.round(sentences.length * 0.25)))
  return mostTelling(sentences, count)
    .map((at) => asMarkdown(sentences[at]!))
    .join(' ')
}

export function outline({ blocks }: BuiltInTask): string {
  const used = blocks.filter(({ selected, text }) => selected && text.trim() !== '')
  const headings = used.filter(({ type }) => type === 'heading')
  const lines = headings.length > 0 ? sections(used) : paragraphs(used)
  if (lines.length === 0) throw cannot('There is no text here to outline.')
  return lines.join('\n')
}

/** Each heading, with the sentence that says most about what stands under it. */
function sections(blocks: readonly TaskBlock[]): string[] {
  const top = Math.min(...blocks.filter(isHeading).map(({ level }) => level))
  return blocks.flatMap((block, at) => {
    if (!isHeading(block)) return []
    const depth = '  '.repeat(block.level - top)
    const line = `${depth}- ${asMarkdown(block.text.trim())}`
    const end = blocks.findIndex((other, place) => place > at && isHeading(other))
    const under = blocks.slice(at + 1, end < 0 ? undefined : end).filter(isProse)
    const sentences = under.flatMap((one) => one.sentences.map(({ text }) => text))
    const [best] = sentences.length > 0 ? mostTelling(sentences, 1) : []
    return best === undefined ? [line] : [line, `${depth}  - ${point(sentences[best]!)}`]
  })
}

const isHeading = ({ type }: TaskBlock): boolean => type === 'heading'

function paragraphs(blocks: readonly TaskBlock[]): string[] {
  return blocks.filter(isProse).flatMap(({ sentences }) => {
    const all = sentences.map(({ text }) => text)
    const [best] = all.length > 0 ? mostTelling(all, 1) : []
    return best === undefined ? [] : [`- ${point(all[best]!)}`]
  })
}

const point = (sentence: string): string => asMarkdown(clip(sentence, 90))

export function shorter({ blocks }: BuiltInTask): string {
  const lines = blocks
    .filter(({ type, selected }) => selected && type !== 'code')
    .flatMap(({ sentences }) => sentences.filter(({ selected }) => selected))
    .flatMap(({ address, text }) => {
      const tight = tighten(text)
      return tight === text || tight === '' ? [] : [`${address}: ${tight}\n`]
    })
  return lines.join('') || NOTHING
}

export function list({ blocks }: BuiltInTask): string {
  const answers = blocks
    .filter(({ type, selected }) => selected && (type === 'paragraph' || type === 'quote'))
    .filter(({ text }) => text.trim() !== '')
    .map(({ address, sentences, text }) => {
      const enumerated = sentences.length === 1 ? enumeration(text) : undefined
      const items = enumerated?.items ?? sentences.map((sentence) => sentence.text)
      const intro = enumerated ? `${asMarkdown(enumerated.intro)}\n\n` : ''
      return `@@ ${address}\n${intro}${items.map((item) => `- ${asMarkdown(item)}\n`).join('')}\n`
    })
  return answers.join('') || NOTHING
}

/** "We need: apples, pears and plums." */
function enumeration(text: string): { intro: string; items: string[] } | undefined {
  const [, intro, rest] = /^([^:]{2,}:)\s+(\S[\s\S]*?)[.\s]*$/.exec(text.trim()) ?? []
  const items = rest?.split(/,\s+(?:and\s+|or\s+)?|;\s+|\s+and\s+(?=[^,;]*$)/)
  return intro && items && items.length > 1 ? { intro, items } : undefined
}

/** The phrase as the document would end it, else what the section could still speak of. */
export function continuation({ blocks, caret }: BuiltInTask): string {
  const at = caret
    ? blocks.findIndex(({ address }) => address === caret.address)
    : blocks.length - 1
  const here = blocks[at]
  const before = here?.text.slice(0, caret?.offset ?? here.text.length) ?? ''
  const corpus = blocks.map((block) => block.text).join('\n')
  const phrase = completePhrase(before, corpus)
  return phrase === '' ? skeleton(blocks, at, corpus) : asMarkdown(phrase)
}

function skeleton(blocks: readonly TaskBlock[], at: number, corpus: string): string {
  const start = blocks.findLastIndex((block, place) => place <= at && isHeading(block))
  const next = blocks.findIndex((block, place) => place > at && isHeading(block))
  const section = blocks.slice(Math.max(0, start), next < 0 ? undefined : next)
  const said = section.map(({ text }) => text.toLowerCase()).join('\n')
  const topics = [
    ...blocks.filter((_, place) => isEmptySection(blocks, place)).map(({ text }) => text.trim()),
    ...keyPhrases(corpus, 8).filter((phrase) => !said.includes(phrase)),
  ].slice(0, 5)
  if (topics.length === 0)
    throw cannot(
      'The built-in engine only completes what this document has said before, and found nothing. ' +
        'To have new text written, connect a language model.',
    )
  const items = topics.map((topic) => `- ${asMarkdown(topic)}`)
  return `Still to be said here:\n\n${items.join('\n')}\n\n*A language model would write this out.*`
}

function isEmptySection(blocks: readonly TaskBlock[], at: number): boolean {
  const block = blocks[at]!
  if (!isHeading(block) || block.text.trim() === '') return false
  const after = blocks.slice(at + 1).find(({ text }) => text.trim() !== '')
  return after === undefined || (isHeading(after) && after.level <= block.level)
}
