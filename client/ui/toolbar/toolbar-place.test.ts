import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeToolbar } from './toolbar-place.ts'

const length = (max: number) => fc.integer({ min: 0, max })

test('[Y22] the toolbar of a selection covers neither an edge nor what stands at the foot of the page', () => {
  fc.assert(
    fc.property(
      fc.record({
        top: fc.integer({ min: -2_000, max: 2_000 }),
        left: fc.integer({ min: -50, max: 1_500 }),
        width: length(1_500),
        height: length(3_000),
      }),
      fc.record({ width: length(360), height: fc.integer({ min: 36, max: 60 }) }),
      fc.constantFrom(
        { width: 390, top: 60, bottom: 844 - 270 },
        { width: 1_440, top: 60, bottom: 826 },
      ),
      (box, size, room) => {
        const { top, left } = placeToolbar(box, size, room)

        expect(top + size.height).toBeLessThanOrEqual(room.bottom)
        expect(top).toBeGreaterThanOrEqual(0)
        expect(left).toBeGreaterThanOrEqual(0)
        expect(left + size.width).toBeLessThanOrEqual(room.width)
        // Where there is room above the selection it stands there, and hides nothing of it.
        const isRoom = box.top - size.height - 10 >= room.top && box.top <= room.bottom
        if (isRoom) expect(top + size.height).toBeLessThanOrEqual(box.top)
      },
    ),
  )
})
