/** The sums that tell a row as it was written from a row that a disk or a person has changed. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const updateSum = (data: Uint8Array): number => crc32(data)

export const snapshotSum = (data: Uint8Array): string =>
  createHash('sha256').update(data).digest('hex')
