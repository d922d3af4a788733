/** Gives the person a file, from this tab alone. */

export function downloadText(name: string, text: string): void {
  const link = document.createElement('a')
  const url = URL.createObjectURL(new Blob([text], { type: 'text/markdown;charset=utf-8' }))
  link.href = url
  link.download = name.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'document.md'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
