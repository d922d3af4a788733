/** A page is closed with what was edited offline, and another one brings it to the room edit by edit. */
import { Person } from '../people.ts'
import { test } from '../story.ts'
import { caret, expectLines, two, type } from './hands.ts'

test('[M25] case 33.4: what was split, typed and joined offline is there once after a reload', async ({
  studio,
}) => {
  const [ann, bob] = await two(studio, 'Alpha beta gamma.\n\nLast.')
  await bob.context.setOffline(true)
  await caret(bob, 'Alpha')
  // More messages than a socket takes at once.
  for (let n = 0; n < 30; n++) {
    await bob.page.keyboard.press('Enter')
    await type(bob, 'x', 0)
    await bob.page.keyboard.press('Backspace')
    await bob.page.keyboard.press('Backspace')
  }
  await bob.page.keyboard.press('Enter')
  await type(bob, '!', 0)
  await caret(ann, 'Alpha beta')
  await ann.page.keyboard.press('Enter')
  await type(ann, '?', 0)

  await bob.page.close()
  await bob.context.setOffline(false)
  const again = new Person('Bob', bob.context, await bob.context.newPage(), studio.document)
  await again.open()
  await expectLines([ann, again], ['Alpha', '! beta', '? gamma.', 'Last.'])
})
