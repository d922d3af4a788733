import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pace, type PaceClock } from './pace.ts'

/** A clock that is turned by hand, and a page whose changes and frames take as long as is said. */
function page(scriptMs: number, frameMs: number) {
  let now = 0
  let timers: { at: number; act: () => void }[] = []
  let frames: ((ms: number) => void)[] = []
  const clock: PaceClock = {
    now: () => now,
    afterFrame: (painted) => void frames.push(painted),
    setTimer: (act, ms) => {
      const timer = { at: now + ms, act }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
  }
  let busyMs = 0
  const work = (ms: number) => {
    now += ms
    busyMs += ms
  }
  return {
    pace: new Pace(clock),
    change: () => work(scriptMs),
    get now() {
      return now
    },
    get busyMs() {
      return busyMs
    },
    /** Lets time pass to `until`: frames are painted at once, timers go off when they are due. */
    pass(until: number) {
      for (;;) {
        const painted = frames
        frames = []
        if (painted.length > 0) work(frameMs)
        for (const one of painted) one(frameMs)
        const due = timers
          .filter(({ at }) => at <= Math.max(until, now))
          .sort((a, b) => a.at - b.at)[0]
        if (!due && frames.length === 0) break
        if (!due) continue
        timers = timers.filter((one) => one !== due)
        now = Math.max(now, due.at)
        due.act()
      }
      now = Math.max(now, until)
    },
  }
}

test('[Y2] others’ changes take a third of a page’s time at most, and none waits longer than a quarter of a second', () => {
  const costs = fc.record({
    scriptMs: fc.integer({ min: 0, max: 20 }),
    frameMs: fc.integer({ min: 0, max: 60 }),
    gaps: fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 20, maxLength: 200 }),
  })
  fc.assert(
    fc.property(costs, ({ scriptMs, frameMs, gaps }) => {
      const it = page(scriptMs, frameMs)
      let come = 0
      let shown = 0
      let longest = 0
      const waiting: number[] = []
      for (const gap of gaps) {
        it.pass(it.now + gap)
        come++
        waiting.push(it.now)
        it.pace.whenRested(() => {
          longest = Math.max(longest, it.now - waiting[0]!)
          shown += waiting.splice(0).length
          it.change()
        })
      }
      it.pass(it.now + 1_000)

      expect(shown).toBe(come)
      expect(longest).toBeLessThanOrEqual(250 + scriptMs + frameMs)
      // Over the whole time: the last change and its frame may have no rest behind them.
      const most = it.now / 3 + scriptMs + frameMs
      expect(it.busyMs).toBeLessThanOrEqual(most)
    }),
  )
})

test('[Y3] on a page that is quick others’ changes come at once', () => {
  const it = page(1, 1)
  let shown = 0
  for (let n = 0; n < 10; n++) {
    it.pace.whenRested(() => {
      shown++
      it.change()
    })
    expect(shown).toBe(n + 1)
    it.pass(it.now + 16)
  }
})
