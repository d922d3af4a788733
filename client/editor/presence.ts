/**
 * Awareness as Lexical's binding takes it. A caret's name and colour are those that the server
 * vouches for in `user`; whatever else a state says of itself is not shown.
 */
import type { Provider, ProviderAwareness, UserState } from '@lexical/yjs'
import { ROOT } from '#shared/document/shape.ts'
import type { Session } from '#shared/protocol/api.ts'

/** The part of y-protocols' Awareness that is used. */
export interface SharedAwareness {
  readonly clientID: number
  getLocalState(): Record<string, unknown> | null
  setLocalState(state: Record<string, unknown> | null): void
  setLocalStateField(field: string, value: unknown): void
  getStates(): Map<number, Record<string, unknown>>
  on(type: 'update', listener: () => void): void
  off(type: 'update', listener: () => void): void
}

const COLOR = /^#[0-9a-f]{6}$/i

export interface Vouched {
  name: string
  color: string
  copilot: boolean
}

export function vouched(state: Record<string, unknown>): Vouched | undefined {
  const { user } = state
  if (typeof user !== 'object' || user === null) return undefined
  const { name, color, copilot } = user as Record<string, unknown>
  if (typeof name !== 'string' || typeof color !== 'string' || !COLOR.test(color)) return undefined
  return { name: name.slice(0, 64), color, copilot: copilot === true }
}

type Place = UserState['anchorPos']

/** Whether it is a relative position, as far as Yjs looks before it trips over it. */
function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return value === null
  const { type = null, tname = null, item = null, assoc = 0 } = value as Record<string, unknown>
  return (
    [type, item].every((id) => id === null || isId(id)) &&
    (tname === null || tname === ROOT) &&
    [type, item, tname].some((part) => part !== null) &&
    typeof assoc === 'number'
  )
}

function isId(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { client, clock } = value as Record<string, unknown>
  return [client, clock].every((n) => Number.isSafeInteger(n) && (n as number) >= 0)
}

/** Announces `me`, without a caret yet, and shows the others to the binding. */
export function announce(awareness: SharedAwareness, me: Session): void {
  const { id, name, color } = me
  awareness.setLocalState({
    user: { id, name, color },
    name,
    color,
    focusing: false,
    anchorPos: null,
    focusPos: null,
    awarenessData: {},
  })
}

export function providerOf(awareness: SharedAwareness): Provider {
  const shown = (): Map<number, UserState> => {
    const states = new Map<number, UserState>()
    for (const [client, state] of awareness.getStates()) {
      const user = vouched(state)
      if (!user) continue
      const { anchorPos, focusPos } = state
      states.set(client, {
        ...(state as UserState),
        name: user.name,
        color: user.color,
        anchorPos: isPlace(anchorPos) ? anchorPos : null,
        focusPos: isPlace(focusPos) ? focusPos : null,
      })
    }
    return states
  }
  const lexical: ProviderAwareness = {
    getLocalState: () => awareness.getLocalState() as UserState | null,
    setLocalState: (state) => awareness.setLocalState(state),
    setLocalStateField: (field, value) => awareness.setLocalStateField(field, value),
    getStates: shown,
    on: (type, listener) => awareness.on(type, listener),
    off: (type, listener) => awareness.off(type, listener),
  }
  const ignore = () => undefined
  return { awareness: lexical, connect: ignore, disconnect: ignore, on: ignore, off: ignore }
}
