/** What every bus must do. Each adapter's test file calls this once and holds little else. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import type { Bus, Hint, Subscription } from './bus.ts'

const hintTo = (to: number, document = 'plan'): Hint => ({
  document,
  epoch: 1,
  from: to,
  to,
  eventHead: 0,
  updates: [new Uint8Array([to, 255, 0])],
})

export function busContract(
  name: string,
  /** Two instances on one fresh medium, and what makes that lose what is said, and heal. */
  open: () => Promise<{
    a: Bus
    b: Bus
    lose(): Promise<void>
    heal(): Promise<void>
    dispose(): Promise<void>
  }>,
): void {
  describe(`bus contract: ${name}`, () => {
    let a: Bus
    let b: Bus
    let lose: () => Promise<void>
    let heal: () => Promise<void>
    let dispose: () => Promise<void>

    beforeEach(async () => {
      const opened = await open()
      a = opened.a
      b = opened.b
      lose = opened.lose
      heal = opened.heal
      dispose = opened.dispose
    })
    afterEach(() => dispose())

    async function listen(bus: Bus, document = 'plan') {
      const hints: Hint[] = []
      const presence: number[][] = []
      const left: string[] = []
      const from = new Set<string>()
      const news = { newcomers: 0 }
      const subscription: Subscription = bus.subscribe(document, {
        hint: (hint) => hints.push(hint),
        presence: (update, instance) => {
          presence.push([...update])
          from.add(instance)
        },
        left: (instance) => left.push(instance),
        newcomer: () => {
          news.newcomers++
        },
      })
      await subscription.ready
      return { hints, presence, from, left, news, subscription }
    }

    test('[B1] another instance hears hints and presence whole and in order', async () => {
      const onB = await listen(b)

      a.publishHint(hintTo(1))
      a.publishHint(hintTo(2))
      a.publishPresence('plan', new Uint8Array([7, 0, 200]))

      await eventually(() => {
        expect(onB.hints).toEqual([hintTo(1), hintTo(2)])
        expect(onB.presence).toEqual([[7, 0, 200]])
      })
    })

    test('[B2] an instance does not hear itself', async () => {
      const onA = await listen(a)
      const onB = await listen(b)

      a.publishHint(hintTo(1))
      a.publishPresence('plan', new Uint8Array([1]))
      await eventually(() => expect(onB.presence).toHaveLength(1))

      expect(onA.hints).toEqual([])
      expect(onA.presence).toEqual([])
    })

    test('[B3] documents do not mix', async () => {
      const onB = await listen(b)
      const other = await listen(b, 'other')

      a.publishHint(hintTo(1, 'other'))
      a.publishHint(hintTo(2))
      await eventually(() => expect(onB.hints).toHaveLength(1))

      expect(onB.hints).toEqual([hintTo(2)])
      expect(other.hints).toEqual([hintTo(1, 'other')])
    })

    test('[B4] a closed subscription is silent, and closing it closes no other', async () => {
      const closed = await listen(b)
      const witness = await listen(b)
      await closed.subscription.close()
      await closed.subscription.close()

      a.publishHint(hintTo(1))

      await eventually(() => expect(witness.hints).toHaveLength(1))
      expect(closed.hints).toEqual([])
    })

    test('[B5] a closed bus hears nothing and closes again without harm', async () => {
      const closed = await listen(b)
      const onA = await listen(a)
      await b.close()
      await b.close()

      a.publishHint(hintTo(1))
      b.publishHint(hintTo(2))
      await Promise.resolve()

      expect(closed.hints).toEqual([])
      expect(onA.hints.length).toBeLessThanOrEqual(1)
    })

    test('[B6] nobody is told on the speaker’s own stack', async () => {
      const onB = await listen(b)

      a.publishHint(hintTo(1))

      expect(onB.hints).toEqual([])
    })

    test('[B8] whoever begins to listen is noticed by the others, and by nobody else', async () => {
      const onA = await listen(a)
      const elsewhere = await listen(a, 'other')

      const onB = await listen(b)

      await eventually(() => expect(onA.news.newcomers).toBe(1))
      expect(elsewhere.news.newcomers).toBe(0)
      expect(onB.news.newcomers).toBe(0)
    })

    test('[B27] who has lost what was said knows it by the time it hears again, with nobody else to tell it', async () => {
      const onA = await listen(a)
      await b.close()
      const before = a.lapses

      await lose()
      await eventually(() => expect(a.connected).toBe(false), 1)
      await heal()
      // Asked in the very turn in which it says that it hears: later would be too late.
      const lapses = await eventually(() => {
        expect(a.connected).toBe(true)
        return a.lapses
      }, 1)

      expect(lapses).toBeGreaterThan(before)
      expect(onA.hints).toEqual([])
    })

    test('[B28] presence says which instance its people are on, and one that ends is told to have left', async () => {
      const onB = await listen(b)
      const elsewhere = await listen(b, 'other')

      a.publishPresence('plan', new Uint8Array([1]))
      await eventually(() => expect([...onB.from]).toEqual([a.instance]))
      await a.close()

      await eventually(() => expect(onB.left).toEqual([a.instance]))
      await eventually(() => expect(elsewhere.left).toEqual([a.instance]))
    })
  })
}
