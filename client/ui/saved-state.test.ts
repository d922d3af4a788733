import { expect, test } from 'vitest'
import type { ConnectionState } from '#client/session/connection.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { bannerWords, isTrouble, savedWords, unsavedIn } from './saved-state.ts'

const NOW = 100_000
const WORDS: readonly [ConnectionState, string][] = [
  [{ kind: 'connecting' }, 'Opening…'],
  [{ kind: 'saved' }, 'Saved'],
  [{ kind: 'saved', basic: true }, 'Saved · basic connection'],
  [{ kind: 'saving', since: NOW - 2_999 }, 'Saving…'],
  [{ kind: 'saving', since: NOW - 3_000 }, 'Still saving, kept on this device'],
  [{ kind: 'offline', edits: 0, device: true }, 'Offline'],
  [{ kind: 'offline', edits: 1, device: true }, 'Offline, 1 edit kept on this device'],
  [{ kind: 'offline', edits: 3, device: true }, 'Offline, 3 edits kept on this device'],
  [{ kind: 'offline', edits: 3, device: false }, 'Offline, 3 edits only in this tab, do not close'],
  [{ kind: 'reconnecting' }, 'Reconnecting…'],
  [
    { kind: 'refused', code: CLOSE.notAllowed, unsaved: 1 },
    'Not saved: you can only view this document now',
  ],
  [{ kind: 'refused', code: CLOSE.gone, unsaved: 1 }, 'Not saved: this document was deleted'],
  [{ kind: 'refused', code: CLOSE.gone, unsaved: 0 }, 'Stopped: deleted'],
  [{ kind: 'refused', code: CLOSE.noSession, unsaved: 0 }, 'Stopped: signed out'],
  [{ kind: 'refused', code: CLOSE.restored, unsaved: 0 }, 'Stopped: restored'],
  [
    { kind: 'refused', code: CLOSE.restored, unsaved: 1 },
    'Not saved: this document was restored to an earlier version',
  ],
  [{ kind: 'frozen' }, 'Stopped: this page must be reloaded'],
  [{ kind: 'outdated' }, 'Stopped: this page is out of date'],
]

test.each(WORDS)('[V57] the state %j is told in the words of the promise', (state, words) => {
  expect(savedWords(state, NOW).text).toBe(words)
})

test('[V58] only a committed document is called saved, and only that is green', () => {
  const good = WORDS.filter(([state]) => savedWords(state, NOW).tone === 'good')

  expect(new Set(good.map(([state]) => state.kind))).toEqual(new Set(['saved']))
})

test('[V59] every state in which writing has stopped says what to do', () => {
  for (const [state] of WORDS) {
    const stopped = ['refused', 'frozen', 'outdated'].includes(state.kind)
    const waysOut = bannerWords(state)?.actions.filter((action) => action !== 'download') ?? []
    expect(waysOut).toHaveLength(stopped ? 1 : 0)
  }
  expect(bannerWords({ kind: 'refused', code: 4403, unsaved: 2 })?.actions).toContain('download')
})

test('[V33] what would be refused again after a reload can be left behind', () => {
  const actions = (state: ConnectionState) => bannerWords(state)?.actions
  expect(actions({ kind: 'refused', code: 4422, unsaved: 1 })).toEqual(['download', 'start-over'])
  expect(actions({ kind: 'refused', code: 4404, unsaved: 1 })).toEqual(['download', 'reload'])
  expect(actions({ kind: 'frozen' })).toContain('reload')
  expect(actions({ kind: 'frozen', differs: true })).toContain('start-over')
})

test('[V181] whoever holds a copy from before a restore can download it, and starts over without it', () => {
  for (const unsaved of [0, 2]) {
    const banner = bannerWords({ kind: 'refused', code: CLOSE.restored, unsaved })
    expect(banner?.title).toContain('restored to an earlier version')
    expect(banner?.actions).toEqual(['download', 'start-over'])
  }
})

test('[V189] where everything was saved nothing says that it was not', () => {
  for (const code of Object.values(CLOSE)) {
    const state: ConnectionState = { kind: 'refused', code, unsaved: 0 }
    const { title, tone } = bannerWords(state) ?? {}
    expect(`${savedWords(state, NOW).text} ${title}`).not.toMatch(/not saved/i)
    expect(tone).toBe('warn')
  }
})

test('[V151] where the connection is in trouble the page offers to look why, and else is quiet', () => {
  const offered = WORDS.filter(([state]) => isTrouble(state, NOW)).map(([, words]) => words)

  expect(offered).toEqual([
    'Saved · basic connection',
    'Still saving, kept on this device',
    'Offline',
    'Offline, 1 edit kept on this device',
    'Offline, 3 edits kept on this device',
    'Offline, 3 edits only in this tab, do not close',
  ])
  expect(savedWords({ kind: 'saved', basic: true }, NOW).hint).toContain('just as safe')
})

test('[V136] what would be lost with this device is known in every state', () => {
  const lost: ConnectionState[] = [
    { kind: 'saving', since: NOW },
    { kind: 'frozen' },
    { kind: 'offline', edits: 1, device: true },
    { kind: 'refused', code: CLOSE.tooBig, unsaved: 2 },
  ]
  for (const state of lost) expect(unsavedIn(state), state.kind).toBe(true)
  const safe: ConnectionState[] = [
    { kind: 'saved' },
    { kind: 'connecting' },
    { kind: 'reconnecting' },
    { kind: 'outdated' },
    { kind: 'offline', edits: 0, device: false },
    { kind: 'refused', code: CLOSE.gone, unsaved: 0 },
  ]
  for (const state of safe) expect(unsavedIn(state), state.kind).toBe(false)
})

test('[V206] the owner of a document that was deleted elsewhere is offered to restore it, and nobody else', () => {
  for (const unsaved of [0, 2]) {
    const state: ConnectionState = { kind: 'refused', code: CLOSE.gone, unsaved }
    expect(bannerWords(state, true)?.actions).toEqual(['restore', 'download'])
    expect(bannerWords(state)?.actions).not.toContain('restore')
    expect(/not saved/i.test(bannerWords(state, true)?.title ?? '')).toBe(unsaved > 0)
  }
  const refused: ConnectionState = { kind: 'refused', code: CLOSE.tooBig, unsaved: 1 }
  expect(bannerWords(refused, true)).toEqual(bannerWords(refused))
})
