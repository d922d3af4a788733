// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { Frames } from './frames.ts'

test('[Y6] what is measured is read once a frame, all of it before anything is written', async () => {
  const frames = new Frames()
  const order: string[] = []
  const measured = (name: string) =>
    frames.measured(
      () => {
        order.push(`read ${name}`)
        return name
      },
      (found) => order.push(`write ${found}`),
    )
  const [a, b] = [measured('a'), measured('b')]

  for (let n = 0; n < 5; n++) {
    a()
    b()
  }
  await eventually(() => expect(order).toHaveLength(4))
  expect(order).toEqual(['read a', 'read b', 'write a', 'write b'])

  a()
  frames.close()
  b()
  await eventually(() => expect(order).toHaveLength(6))
  expect(order.slice(4)).toEqual(['read b', 'write b'])
})
