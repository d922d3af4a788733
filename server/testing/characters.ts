/** Following single characters through documents, for tests in which each is one of its kind. */

import * as Y from 'yjs'
import { runsOf, textsUnder } from '#server/suggestions/items.ts'
import { body } from '#shared/document/shape.ts'

export function charactersOf(types: readonly (Y.XmlElement | Y.XmlText)[]): string[] {
  const texts = types.flatMap((type) =>
    type instanceof Y.XmlText ? [type] : [...textsUnder(type)],
  )
  return texts.flatMap((text) => [...runsOf(text)].flatMap((run) => [...run.text]))
}

export function idsOf(doc: Y.Doc): Map<string, string> {
  const ids = new Map<string, string>()
  for (const text of textsUnder(body(doc))) {
    for (const { client, clock, text: characters } of runsOf(text)) {
      for (let n = 0; n < characters.length; n++) ids.set(characters[n]!, `${client}-${clock + n}`)
    }
  }
  return ids
}

export const idOf = (text: Y.XmlText | Y.XmlElement): string =>
  `${text._item?.id.client}-${text._item?.id.clock}`

/** The text that each character is in, by id. */
export function homesOf(doc: Y.Doc): Map<string, string> {
  const homes = new Map<string, string>()
  for (const text of textsUnder(body(doc))) {
    for (const run of runsOf(text)) {
      for (const character of run.text) homes.set(character, idOf(text))
    }
  }
  return homes
}

export function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const character of whole) if (character === part[at]) at++
  return at === part.length
}

export const show = (text: string): string =>
  text.replace(/[\u4e00-\uf8ff]/g, (character) => `<${character.charCodeAt(0).toString(16)}>`)

export function fail(message: string): never {
  throw new Error(message)
}
export function check(holds: boolean | undefined, message: string): void {
  if (!holds) fail(message)
}
