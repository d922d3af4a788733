import { expect, test } from 'vitest'
import { Company } from './company.ts'

test('[R135] who writes alone is all the company there is, however often', () => {
  const company = new Company()
  for (let now = 0; now < 50; now++) company.came('ada', now)

  expect(company.expected(50)).toBe(1)
})

test('[R136] as many are waited for as have been writing in the last tenth of a second, and five at most', () => {
  const company = new Company()
  company.came('ada', 0)
  company.came('ben', 30)
  company.came('cy', 60)
  company.came('ada', 90)

  expect([90, 129, 130, 160, 190, 500].map((now) => company.expected(now))).toEqual([
    3, 3, 2, 1, 1, 1,
  ])
  for (let n = 0; n < 500; n++) company.came(`peer ${n}`, 500)
  expect(company.expected(500)).toBe(5)
})
