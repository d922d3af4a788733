/** Whether the left panel is open: a lasting choice beside the text, a passing one as a drawer. */
import { createStore, type Store } from '#client/session/store.ts'
import { prefer, preferences } from './preferences.ts'

const drawer = createStore(false)
export const panelDrawer: Store<boolean> = drawer

export const openDrawer = (open: boolean): void => drawer.set(open)
export const togglePanel = (): void => prefer({ sidebar: !preferences.get().sidebar })
