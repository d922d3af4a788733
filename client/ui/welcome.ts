/** The first document of a newcomer: short, real, and taught by being edited. */

export const WELCOME_TITLE = 'Start here'

export const WELCOME_MARKDOWN = `# Start here

This is a real document, and it is yours. Write over it, or select all and delete it.

## Write together

Press **Share** at the top and send the link. Whoever opens it is in: no account, nothing to install. You see their caret here, with their name, and every word is kept as soon as the top of the page says *Saved*.

## Ask the co-pilot

Their is a mistake in this sentence, and and a word that stands twice. Click into it, press **Ctrl+J** (**⌘J** on a Mac) and choose *Proofread*.

What the co-pilot writes is only a suggestion. It stands in violet until somebody decides: ✓ keeps it, ✕ takes it away, one sentence at a time, also while it is still writing. Type into it and what you typed is yours.

## Try these

- [ ] Select a few words and make them bold
- [ ] Type / on an empty line
- [ ] Open this page in a second window and type in both
- [ ] Press Ctrl+Z: it takes back what you did, never what others did

> A gloss is a note between the lines, which later copies took into the text itself.
`
