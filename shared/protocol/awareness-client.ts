/** Whom an awareness update speaks of, read from its first bytes. */
import * as decoding from 'lib0/decoding'

/** Its first awareness client; undefined where it has none, or is no update at all. */
export function firstAwarenessClient(update: Uint8Array): number | undefined {
  try {
    const decoder = decoding.createDecoder(update)
    return decoding.readVarUint(decoder) > 0 ? decoding.readVarUint(decoder) : undefined
  } catch {
    return undefined // whoever takes it as an update refuses it
  }
}
