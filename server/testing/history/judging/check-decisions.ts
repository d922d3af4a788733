/**
 * Checks of what decisions come to: the export without suggestions is the document after all of
 * them are rejected, in whatever order, and the accepted one after all are accepted.
 */

import * as Y from 'yjs'
import { elementsUnder, flagOf, runsOf, textsUnder } from '#server/suggestions/items.ts'
import { patiently, type Stage } from '#server/testing/history/world/stage.ts'
import { Random } from '#server/testing/random.ts'
import type { Block } from '#shared/document/blocks.ts'
import { body, parseFlag, suggestionMap, suggestionOf } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import type { ContentView, SuggestionInfo } from '#shared/protocol/api.ts'
import type { Account, Fault } from './account.ts'
import { apart, type Given, logOf } from './check-replicas.ts'
import { glyphsOf, show } from './glyphs.ts'

type Decision = 'accept' | 'reject'

export async function checkDecisions(given: Given): Promise<Fault[]> {
  const { stage, account, seed } = given
  const without = await read(stage, 'without')
  const accepted = await read(stage, 'accepted')
  const faults = leaks(account, await textOf(stage, 'without'))
  const random = new Random(seed + 1)
  for (let order = 0; order < 2; order++) {
    faults.push(...(await decided(stage, account, 'reject', without, random)))
  }
  faults.push(...(await decided(stage, account, 'accept', accepted, random)))
  return [...faults, ...(await decidedLive(given, random.chance(0.5) ? 'accepted' : 'rejected'))]
}

/** Decides a copy of the document chunk by chunk in a random order. */
async function decided(
  stage: Stage,
  account: Account,
  decision: Decision,
  expected: string,
  random: Random,
): Promise<Fault[]> {
  const fork = await stage.fork()
  const faults: Fault[] = []
  try {
    const room = await fork.room()
    const flagged = await logOf(fork)
    const inOrder = decision === 'accept' && meetInOneBlock(flagged)
    for (const { suggestion, n } of orderOf(room.reading.suggestions(), inOrder, random)) {
      const by = { id: 'ada', name: 'ada' }
      await patiently(room.decide({ suggestion, chunks: [n], decision, by })).catch((error) => {
        // Accepting one may have settled another one that was about the same text.
        if (!(error instanceof GlossError) || error.code !== 'conflict') throw error
      })
    }
    await patiently(room.drain())
    const kind = decision === 'reject' ? 'without differs' : 'accepted differs'
    // Of rivals one is accepted; the text of the others stays, stale, until it is dropped.
    for (const view of [decision === 'reject' ? 'inline' : 'accepted', 'without'] as const) {
      const result = await read(fork, view)
      if (result === expected) continue
      faults.push({
        kind,
        what: `${view}: exported\n${show(expected)}\nand decided\n${show(result)}`,
      })
      break
    }
    if (decision === 'reject') faults.push(...runTextLeft(account, glyphsOf(await logOf(fork))))
    faults.push(...fork.complaints.map((what): Fault => ({ kind: 'room lost', what })))
  } finally {
    await fork.close()
  }
  return faults
}

/** Any order, or that of the suggestions, which is the one in which the export accepts them. */
function orderOf(
  suggestions: readonly SuggestionInfo[],
  inOrder: boolean,
  random: Random,
): { suggestion: string; n: number }[] {
  const chunks = suggestions.flatMap(({ id, chunks: all }) =>
    all.map(({ n }) => ({ suggestion: id, n })),
  )
  return inOrder ? chunks : shuffled(chunks, random)
}

/**
 * Whether one suggestion strikes something in a block in which another one strikes or proposes. The
 * one that is accepted first may be the end of the other: what *continue* has written within a
 * sentence that proofreading corrects makes the correction stale (seeds 1840 and 4025).
 */
export function meetInOneBlock(doc: Y.Doc): boolean {
  return body(doc)
    .toArray()
    .some((block) => {
      if (!(block instanceof Y.XmlElement)) return false
      const inside = [block, ...elementsUnder(block)].map(flagOf)
      const words = [...textsUnder(block)].flatMap((text) =>
        [...runsOf(text)].map((run) => run.flag),
      )
      const flags = [...inside, ...words].flatMap((flag) => parseFlag(flag) ?? [])
      const others = new Set(flags.map(({ chunk }) => suggestionOf(chunk)))
      return others.size > 1 && flags.some(({ op }) => op === 'del')
    })
}

/** The same by the people themselves, on their pages. */
async function decidedLive(given: Given, decision: 'accepted' | 'rejected'): Promise<Fault[]> {
  const { stage, pages, account, quiet } = given
  const expected = await read(stage, decision === 'rejected' ? 'without' : 'accepted')
  for (let round = 0; round < 4; round++) {
    const page = pages[round % pages.length]!
    const shown = new Set(flagsIn(page.doc).map((flag) => flag.slice(4)))
    const created = (chunk: string) =>
      suggestionMap(page.doc).get(suggestionOf(chunk))?.createdAt ?? 0
    const inOrder = [...shown].toSorted((a, b) => created(a) - created(b) || (a < b ? -1 : 1))
    for (const chunk of inOrder) await page.decide([chunk], decision)
    await quiet()
  }
  const faults = await apart(given)
  const result = await read(stage, 'without')
  if (result !== expected) {
    const kind = decision === 'rejected' ? 'without differs' : 'accepted differs'
    faults.push({ kind, what: `live: exported\n${show(expected)}\nand decided\n${show(result)}` })
  }
  if (decision === 'rejected') faults.push(...runTextLeft(account, glyphsOf(await logOf(stage))))
  return faults
}

/** Of characters and of blocks: a paragraph may be proposed that has no word. */
const flagsIn = (doc: Y.Doc): string[] => [
  ...glyphsOf(doc).flatMap(({ flag }) => flag ?? []),
  ...[...elementsUnder(body(doc))].flatMap((element) => flagOf(element) ?? []),
]

/** Of runs' text only what was accepted in the history may be left. */
function runTextLeft(account: Account, glyphs: ReturnType<typeof glyphsOf>): Fault[] {
  return glyphs.flatMap((glyph): Fault[] => {
    const mark = account.markOf(glyph)
    if (!mark?.isRun || account.mayStay(mark)) return []
    return [{ kind: 'run text stays', what: `${show(glyph.character)} of ${mark.writer}` }]
  })
}

/** Nothing provisional may be in the export without suggestions. */
function leaks(account: Account, without: string): Fault[] {
  const shown = new Set(without)
  return account.marks.flatMap((mark): Fault[] => {
    const alone = account.alike(mark.character).length === 1
    if (!mark.isRun || !alone || account.mayStay(mark) || !shown.has(mark.character)) return []
    return [{ kind: 'leak', what: `${show(mark.character)} of ${mark.writer}` }]
  })
}

/** A document of which nothing is left has one empty paragraph, for the caret to stand in. */
const EMPTY_DOCUMENT = 'paragraph 0: '

/** Blocks with what people see of them, and nothing of how they are kept. */
async function read(stage: Stage, view: ContentView): Promise<string> {
  const room = await stage.room()
  await patiently(room.drain())
  return room.reading.blocks(view).map(lineOf).join('\n') || EMPTY_DOCUMENT
}

async function textOf(stage: Stage, view: ContentView): Promise<string> {
  const inlines = (await stage.room()).reading.blocks(view).flatMap((block) => block.inlines)
  return inlines.map((inline) => (inline.kind === 'break' ? '' : inline.text)).join('')
}

function lineOf({ type, level, list, checked, start, index, language, inlines }: Block): string {
  const kind = [type, level, list, checked, start, index, language].filter(
    (one) => one !== undefined,
  )
  const inside = inlines.map((inline) => {
    if (inline.kind === 'break') return inline.flag ? `<break ${inline.flag.op}>` : '<break>'
    const marks = [inline.format || '', inline.url ?? '', inline.flag?.op ?? ''].join(' ').trim()
    return `${marks}${JSON.stringify(inline.text)}`
  })
  return `${kind.join(' ')}: ${inside.join(' ')}`
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  const rest = [...all]
  const result: T[] = []
  while (rest.length > 0) result.push(...rest.splice(random.below(rest.length), 1))
  return result
}
