/** The numbers of Yjs's update format (v1), for those of us who read its bytes. */

/** Bits of a struct's first byte. */
export const HAS_ORIGIN = 0x80
export const HAS_RIGHT_ORIGIN = 0x40
export const HAS_KEY = 0x20
export const KIND = 0x1f

/** Kinds of content. */
export const GC = 0
export const DELETED = 1
export const STRING = 4
export const FORMAT = 6
export const TYPE = 7
export const ANY = 8

/** Shared types within the kind `type`. */
export const XML_ELEMENT = 3
export const XML_HOOK = 5
export const XML_TEXT = 6
