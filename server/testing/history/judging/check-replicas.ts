/**
 * Checks of a history in which all is quiet and nothing is decided yet: editors and documents are
 * one, nobody writes unasked, and every character is there that its writer and the others left.
 */
import * as Y from 'yjs'
import { freshView, type Page } from '#server/testing/history/hands/page.ts'
import { clock } from '#server/testing/history/world/determinism.ts'
import { DOCUMENT, type Stage } from '#server/testing/history/world/stage.ts'
import { body } from '#shared/document/shape.ts'
import type { Account, Fault } from './account.ts'
import { type Glyph, glyphsOf, show } from './glyphs.ts'
import { hasClashed, type Mark } from './marks.ts'

export interface Given {
  stage: Stage
  account: Account
  pages: readonly Page[]
  seed: number
  quiet(): Promise<void>
}

export async function checkReplicas(given: Given): Promise<Fault[]> {
  const faults = await apart(given)
  faults.push(...(await echoes(given)))
  if (faults.some(({ kind }) => kind === 'apart')) return faults
  const log = await logOf(given.stage)
  const { chunks } = await given.stage.store.loadMargin(DOCUMENT)
  for (const chunk of chunks) {
    if (chunk.state === 'accepted') given.account.acceptedAs(chunk)
    if (chunk.state === 'rejected') given.account.rejected.add(chunk.id)
  }
  const glyphs = glyphsOf(log)
  faults.push(...given.account.struckUnread(glyphs), ...given.account.twiceAccepted())
  return [...faults, ...characters(given.account, glyphs), ...(await owners(given, log))]
}

/** The document as the database has it. */
export async function logOf({ store }: Stage): Promise<Y.Doc> {
  const loaded = await store.load(DOCUMENT)
  const doc = new Y.Doc()
  if (loaded?.snapshot) Y.applyUpdate(doc, loaded.snapshot.data)
  for (const { data } of loaded?.updates ?? []) Y.applyUpdate(doc, data)
  return doc
}

export async function apart({ stage, pages }: Given): Promise<Fault[]> {
  const faults: Fault[] = []
  const apart = (what: string) => faults.push({ kind: 'apart', what })
  const log = await logOf(stage)
  const truth = JSON.stringify(body(log).toJSON())
  if (log.store.pendingStructs) apart('the log has something pending')
  const fresh = freshView(Y.encodeStateAsUpdate(log))
  for (const { name, view, doc } of pages) {
    if (JSON.stringify(body(doc).toJSON()) !== truth)
      apart(`${name}'s document differs from the log`)
    else if (view !== fresh) apart(`${name} shows\n${show(view)}\nand a fresh page\n${show(fresh)}`)
  }
  return faults
}

async function echoes({ pages, quiet }: Given): Promise<Fault[]> {
  const before = pages.map(({ written }) => written)
  await clock.advance(2_000)
  await quiet()
  return pages.flatMap(({ name, echoes, written }, n) => {
    const found: Fault[] = echoes.map((update) => ({
      kind: 'echo',
      what: `${name}: ${JSON.stringify(summary(update))}`,
    }))
    if (written !== before[n])
      found.push({ kind: 'echo', what: `${name} wrote while all was quiet` })
    return found
  })
}

function summary(update: Uint8Array): unknown {
  const { structs, ds } = Y.decodeUpdate(update)
  return { structs: structs.length, deletions: [...ds.clients.values()].flat().length }
}

/** Before anything more is decided: people's characters, and those of runs that are open or accepted. */
export function characters(account: Account, glyphs: readonly Glyph[]): Fault[] {
  account.see(glyphs)
  const present = new Map<string, number>()
  for (const { character } of glyphs) present.set(character, (present.get(character) ?? 0) + 1)
  const faults: Fault[] = []
  const nowhere = withoutPlace(account)
  const mustBe = (mark: Mark) => mustBeThere(mark, account) && !nowhere.has(mark)
  for (const character of new Set([
    ...present.keys(),
    ...account.marks.map((mark) => mark.character),
  ])) {
    const marks = account.alike(character)
    const must = marks.filter(mustBe).length
    const may = marks.filter((mark) => !mustBe(mark) && mayBeThere(mark)).length
    const count = present.get(character) ?? 0
    const of = marks.map(({ writer }) => writer).join()
    const what = `${show(character)} of ${of}: ${count}, should be ${must}${may ? `–${must + may}` : ''}`
    const isRun = marks.every((mark) => mark.isRun)
    const clash = marks.some(hasClashed) ? 'clash ' : ''
    if (count < must) faults.push({ kind: isRun ? 'run text lost' : `${clash}lost`, what })
    if (count > must + may) {
      const back = marks.some((mark) => mark.deleters.size > 0)
      faults.push({ kind: `${clash}${back ? 'came back' : 'doubled'}`, what })
    }
  }
  return faults
}

/** What runs wrote of which all was deleted that they had written before: it may have no place left. */
function withoutPlace(account: Account): Set<Mark> {
  const nowhere = new Set<Mark>()
  for (const marks of Map.groupBy(account.marks, ({ writer }) => writer).values()) {
    if (!marks[0]?.isRun || marks[0].deleters.size === 0) continue
    const seen = marks.findLastIndex(({ deleters }) => deleters.size > 0)
    const isAllGone = marks.slice(0, seen).every(({ deleters }) => deleters.size > 0)
    if (isAllGone) for (const mark of marks.slice(seen + 1)) nowhere.add(mark)
  }
  return nowhere
}

function mustBeThere(mark: Mark, account: Account): boolean {
  const { accepted, rejected } = account
  const { deleters, struckBy, proposedBy, isRun, isDoubtful, isUnseen } = mark
  if (deleters.size > 0 || isDoubtful || isUnseen) return false
  if ([...struckBy].some((chunk) => accepted.has(chunk))) return false
  // Of a run's sentence people's words stay, whatever becomes of it.
  const goesWith = (chunk: string) => isRun || account.isRescued(chunk)
  return ![...proposedBy].some((chunk) => rejected.has(chunk) && goesWith(chunk))
}

const mayBeThere = ({ deleters, isDoubtful }: Mark): boolean => deleters.size === 0 || isDoubtful

/** Each character belongs to its writer, or to who moved it by a break or a joining. */
async function owners({ stage, account }: Given, log: Y.Doc): Promise<Fault[]> {
  const { clients } = await stage.store.loadMargin(DOCUMENT)
  const glyphs = glyphsOf(log)
  const swapped = new Set<Glyph>()
  const isForeign = (glyph: Glyph, mark = account.markOf(glyph)) => {
    const owner = clients.get(glyph.client)
    if (!mark || mark.writer === 'first' || owner === mark.writer) return false
    return owner === undefined || !(mark.copiers.has(owner) || owner === 'room')
  }
  const faults: Fault[] = []
  for (const glyph of glyphs) {
    if (swapped.has(glyph) || !isForeign(glyph)) continue
    // Equal characters that the room wrote again at once: the other one may be this one.
    const other = glyphs.find(
      (one) =>
        one !== glyph &&
        !swapped.has(one) &&
        account.mayBeEachOther(glyph, one) &&
        !isForeign(glyph, account.markOf(one)) &&
        !isForeign(one, account.markOf(glyph)),
    )
    if (other) {
      swapped.add(glyph).add(other)
      continue
    }
    const { writer } = account.markOf(glyph)!
    faults.push({
      kind: 'foreign',
      what: `${show(glyph.character)} of ${writer} is ${clients.get(glyph.client)}'s`,
    })
  }
  return faults
}
