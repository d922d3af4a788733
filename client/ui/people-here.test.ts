import { expect, test } from 'vitest'
import type { Participant } from '#client/session/views.ts'
import { peopleIn } from './people-here.ts'

const who = (client: number, id: string, set: Partial<Participant> = {}): Participant => ({
  client,
  id,
  name: id,
  color: '#1d6fd1',
  copilot: false,
  me: false,
  ...set,
})

test('[V84] a person with several tabs is shown once, and oneself last', () => {
  const present = peopleIn([
    who(1, 'me', { me: true }),
    who(2, 'ada'),
    who(3, 'ada'),
    who(4, 'run', { copilot: true }),
    who(5, 'me'),
  ])

  expect(present.map(({ client }) => client)).toEqual([2, 4, 1])
})
