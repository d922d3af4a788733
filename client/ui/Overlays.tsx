/** What floats above a document: dialogs, palette, toolbar, slash menu. */
export function Overlays() {
  return null
}
