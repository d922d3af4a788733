/** InputMethod composes text at somebody's keyboard as Chromium does it for a real input method. */
import type { CDPSession } from '@playwright/test'
import type { Person } from '../people.ts'

/** First bytes of a frame that carries an update: sync, update. */
const UPDATE = [0, 2]

export class InputMethod {
  readonly #cdp: CDPSession

  private constructor(cdp: CDPSession) {
    this.#cdp = cdp
  }

  static async of({ page }: Person): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page))
  }

  /** Shows these states one after the other; an empty one cancels. */
  async compose(...states: string[]): Promise<void> {
    for (const text of states) {
      const end = text.length
      await this.#cdp.send('Input.imeSetComposition', {
        text,
        selectionStart: end,
        selectionEnd: end,
      })
    }
  }

  async commit(text: string): Promise<void> {
    await this.#cdp.send('Input.insertText', { text })
  }
}

/** Opens the document anew and counts the updates that leave the page from then on. */
export async function countUpdates(person: Person): Promise<() => number> {
  let sent = 0
  person.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload !== 'string' && UPDATE.every((byte, n) => payload[n] === byte)) sent++
    }),
  )
  await person.open()
  await person.mayWrite()
  return () => sent
}
