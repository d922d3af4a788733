/**
 * DOM places are where a caret can stand in the text of a page, counted from its beginning, with
 * the pixels to click at. Runs in the page: it knows nothing of what is outside this function.
 */

export interface DomPlaces {
  /** Pixels of each place, in the window. */
  places: { x: number; y: number }[]
  /** Indexes of the places at which a line begins. */
  begins: number[]
}

export function domPlaces(root: Element): DomPlaces {
  const places: DomPlaces['places'] = []
  const begins: number[] = []
  const isLine = (element: Element) =>
    element.matches('p, h1, h2, h3, h4, h5, h6, blockquote, code.block-code, li') &&
    element.querySelector('p, ul, ol') === null
  for (const line of root.querySelectorAll('*')) {
    if (!isLine(line)) continue
    begins.push(places.length)
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT)
    let last: DOMRect | undefined
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const words = text.textContent ?? ''
      for (let at = 0; at < words.length; ) {
        const size = String.fromCodePoint(words.codePointAt(at) ?? 0).length
        const range = document.createRange()
        range.setStart(text, at)
        range.setEnd(text, at + size)
        const box = range.getBoundingClientRect()
        places.push({ x: box.left + 0.5, y: box.top + box.height / 2 })
        last = box
        at += size
      }
    }
    const box = line.getBoundingClientRect()
    const end = last ? { x: last.right - 0.5, y: last.top + last.height / 2 } : undefined
    places.push(end ?? { x: box.left + 4, y: box.top + box.height / 2 })
  }
  return { places, begins }
}

/** What a text looks like, block by block, whatever elements it is made of. */
export function domLines(root: Element): string[] {
  const lines: string[] = []
  const formats: [string, string][] = [
    ['text-bold', 'b'],
    ['text-italic', 'i'],
    ['text-code', 'c'],
  ]
  const inline = (line: Element): string => {
    let out = ''
    let mark = ''
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node instanceof Element) {
        // The last break of an empty line is the browser's, not the text's.
        const isBreak = node.matches('br') && node.nextSibling !== null
        if (isBreak) out += '⏎'
        continue
      }
      const around = node.parentElement
      const link = around?.closest('a')?.getAttribute('href') ?? ''
      const shown = formats.filter(([name]) => around?.closest(`.${name}`)).map(([, one]) => one)
      const flag = around?.closest('.prov-ins') ? '+' : around?.closest('.prov-del') ? '-' : ''
      const next = [shown.join(''), link, flag].filter(Boolean).join(' ')
      if (next !== mark) out += `‹${next}›`
      mark = next
      out += node.textContent
    }
    return out
  }
  const visit = (element: Element, depth: number): void => {
    for (const child of element.children) {
      if (child.matches('ul, ol')) visit(child, depth + 1)
      else if (child.matches('li') && child.querySelector('ul, ol')) visit(child, depth)
      else if (child.matches('li')) {
        lines.push(`${child.parentElement?.tagName.toLowerCase()}${depth} ${inline(child)}`)
      } else lines.push(`${child.tagName.toLowerCase()} ${inline(child)}`)
    }
  }
  visit(root, 0)
  return lines
}
