/**
 * Registers what Lexical and Gloss do to a text while somebody edits it: the commands of rich text
 * and lists, links, what may be in a document, and markdown. Before the content is there: each of
 * its node transforms that meets a filled editor makes every node dirty, runs over the whole text
 * and sends what it tidied, from every page that opens the document.
 */
import { registerCheckList, registerList } from '@lexical/list'
import { registerRichText } from '@lexical/rich-text'
import { type LexicalEditor, mergeRegister } from 'lexical'
import { registerAdmission } from './admission.ts'
import { registerDrag } from './drag.ts'
import { registerLinks } from './links.ts'
import { registerMarkdown } from './markdown.ts'

/** To be called before `collaborate`. Returns what takes all of it away. */
export const registerRules = (editor: LexicalEditor): (() => void) =>
  mergeRegister(
    registerRichText(editor),
    registerDrag(editor),
    registerList(editor),
    registerCheckList(editor),
    registerLinks(editor),
    registerAdmission(editor),
    registerMarkdown(editor),
  )
