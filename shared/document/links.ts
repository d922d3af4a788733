/** Which links may be in a document, on write, on render and on open. Everything else is inert. */
const ALLOWED = new Set(['http:', 'https:', 'mailto:'])

/** The URL as it may be followed, or undefined. Fails closed on what does not parse. */
export function safeUrl(url: string): string | undefined {
  const trimmed = url.trim()
  try {
    const parsed = new URL(trimmed)
    return ALLOWED.has(parsed.protocol) ? trimmed : undefined
  } catch {
    return undefined
  }
}
