/**
 * The ways out of this tab. The browser asks before something would be lost, and does not where
 * the person has just chosen to leave it behind.
 */
import type { DeviceCopy } from './device.ts'

interface Deps {
  device: Pick<DeviceCopy, 'forget' | 'keeps'>
  /** Whether something here would be gone with the tab. */
  loses: () => boolean
}

export class WaysOut {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  watch(): void {
    addEventListener('beforeunload', this.#ask)
  }
  close(): void {
    removeEventListener('beforeunload', this.#ask)
  }

  /** The same document anew, without what this device keeps of it. */
  async startOver(): Promise<void> {
    await this.#leaveBehind()
    location.reload()
  }
  /** The first page, without what this device keeps of the document. */
  async goHome(): Promise<void> {
    await this.#leaveBehind()
    location.assign('/')
  }
  /** The same document anew, with what this device keeps; where it keeps nothing, the browser asks. */
  comeAgain(): void {
    if (this.#deps.device.keeps) this.close()
    location.reload()
  }

  async #leaveBehind(): Promise<void> {
    await this.#deps.device.forget()
    this.close()
  }

  readonly #ask = (event: BeforeUnloadEvent): void => {
    if (this.#deps.loses()) event.preventDefault()
  }
}
