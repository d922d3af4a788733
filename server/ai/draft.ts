/** A new document's first content from a person's markdown. Pure; large ones run in draft-worker.ts. */
import { type FirstContent, firstContent } from '#server/rooms/first-content.ts'
import { MarkdownStream } from './markdown-stream.ts'

export function draft(markdown: string): FirstContent {
  // A person's own markdown may lead anywhere: it is not a model's.
  const stream = new MarkdownStream(hostsIn(markdown))
  return firstContent([...stream.push(markdown), ...stream.end()])
}

function hostsIn(markdown: string): Set<string> {
  const hosts = new Set<string>()
  for (const [url] of markdown.matchAll(/\bhttps?:\/\/[^\s<>()\]]+|\bmailto:[^\s<>()\]]+/gi)) {
    if (!URL.canParse(url)) continue
    const { protocol, host, pathname } = new URL(url)
    hosts.add((protocol === 'mailto:' ? (pathname.split('@').at(-1) ?? '') : host).toLowerCase())
  }
  return hosts
}
