/** Text of a document as markdown that means exactly that text. */
export const asMarkdown = (text: string): string =>
  text
    .replace(/[\\`*_[\]<>~|&]/g, '\\$&')
    .replace(
      /^(\s*)([-+#]|\d+[.)](?=\s))/gm,
      (_, space: string, mark: string) => `${space}${mark.slice(0, -1)}\\${mark.slice(-1)}`,
    )

/** The beginning of a text, cut between words. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text
  const end = text.lastIndexOf(' ', length)
  return `${text.slice(0, end > 0 ? end : length).replace(/[\s,;:.]+$/, '')} …`
}
