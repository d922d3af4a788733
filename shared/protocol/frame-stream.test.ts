import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, lengthOf } from './frame-stream.ts'

const streamOf = (frames: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(frames.flatMap((frame) => [...lengthOf(frame), ...frame]))

test('[W76] frames come out of a stream as they went in, wherever it was cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
      fc.array(fc.nat(400), { maxLength: 40 }),
      (frames, cuts) => {
        const stream = streamOf(frames)
        const reader = new FrameReader(1_000)
        const read: Uint8Array[] = []

        for (let at = 0; at < stream.length; ) {
          const end = at + (cuts.shift() ?? 100) + 1
          reader.push(stream.subarray(at, end))
          at = end
          for (let frame = reader.next(); frame; frame = reader.next()) read.push(frame)
        }

        expect(read).toEqual(frames)
      },
    ),
  )
})

test('[W77] a frame that is too long is refused by its length, before it has come', () => {
  const reader = new FrameReader(1_000)
  reader.push(lengthOf(new Uint8Array(1_000)))
  expect(reader.next()).toBeUndefined()

  const greedy = new FrameReader(1_000)
  greedy.push(lengthOf(new Uint8Array(1_001)))
  expect(() => greedy.next()).toThrow('a frame of 1001 bytes')

  const endless = new FrameReader(1_000)
  endless.push(Uint8Array.of(255, 255, 255, 255, 255, 255))
  expect(() => endless.next()).toThrow('without an end')
})
