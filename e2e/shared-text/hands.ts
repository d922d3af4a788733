/** Hands puts carets and types in the pages of two people, and reads what the pages show. */
import { expect } from '@playwright/test'
import type { Person, Studio } from '../people.ts'

/** The lines as a page shows them. */
export const linesOf = ({ text }: Person): Promise<string[]> =>
  text.evaluate((root) =>
    [...root.children].flatMap((block) =>
      [...(block.matches('ul, ol') ? block.children : [block])].map(
        (line) => line.textContent?.replaceAll('\u200b', '') ?? '',
      ),
    ),
  )

/** Puts the caret behind words, or in front of them. */
export async function caret(person: Person, words: string, edge: 'behind' | 'before' = 'behind') {
  await person.mayWrite()
  await person.text.focus()
  await person.text.evaluate(
    (root, { words, edge }) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent?.indexOf(words) ?? -1
        if (at < 0) continue
        getSelection()?.collapse(node, edge === 'behind' ? at + words.length : at)
        return
      }
      throw new Error(`nothing says ${words}`)
    },
    { words, edge },
  )
}

/** Types as quick hands do. */
export const type = ({ page }: Person, words: string, delay = 25) =>
  page.keyboard.type(words, { delay })

/** Both pages and the server come to hold these lines. */
export async function expectLines(people: readonly Person[], lines: readonly string[]) {
  for (const person of people) await expect.poll(() => linesOf(person)).toEqual(lines)
  const [first] = people
  const content = async () =>
    (await first!.content()).split('\n').filter((line) => line.trim() !== '')
  await expect.poll(content).toHaveLength(lines.filter((line) => line !== '').length)
  for (const person of people) await expect(person.page.getByText('Reload')).toHaveCount(0)
}

export async function two(studio: Studio, markdown: string): Promise<[Person, Person]> {
  const ann = await studio.person('Ann', { markdown })
  return [ann, await studio.person('Bob')]
}

/** Selects words. */
export async function select(person: Person, words: string) {
  await caret(person, words)
  await person.text.evaluate((_, length) => {
    const selection = getSelection()
    const { focusNode: node, focusOffset: end } = selection ?? {}
    if (node && end !== undefined) selection?.setBaseAndExtent(node, end - length, node, end)
  }, words.length)
}
