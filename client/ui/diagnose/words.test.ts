import { expect, test } from 'vitest'
import { FIXES, PROXIES, proxyOf } from './fixes.ts'
import { report, summary } from './words.ts'

test('[V176] what it comes to is said in one sentence, the worst first', () => {
  const good = { level: 'good', saw: '' } as const
  const warn = { level: 'warn', saw: '' } as const
  const bad = { level: 'bad', saw: '' } as const

  expect(summary({ clock: good })).toBe('Everything works')
  expect(summary({ clock: good, body: warn })).toBe('Everything works; one thing could be better')
  expect(summary({ clock: warn, body: warn, socket: bad })).toBe(
    'One thing is broken, 2 things could be better',
  )
  expect(summary({ stream: bad, socket: bad })).toBe('2 things are broken')
})

test('[V177] every fault has lines for every proxy, and the report prints those of the one chosen', () => {
  for (const lines of Object.values(FIXES)) {
    for (const proxy of PROXIES) expect(lines[proxy].length).toBeGreaterThan(10)
  }
  const about = { origin: 'https://gloss.example', browser: 'Firefox', at: new Date(0) }
  const socket = { level: 'bad', saw: 'It was refused.', fix: 'upgrade' } as const

  const text = report({ socket }, { ...about, proxy: 'apache' })

  expect(text).toContain('https://gloss.example · 1970-01-01T00:00:00.000Z\nFirefox\n')
  expect(text).toContain('[Broken] Live socket: It was refused.\n  Apache:\n    # a2enmod')
  expect(text).not.toContain('nginx')
  expect(proxyOf('nginx/1.22.1 ')).toBe('nginx')
  expect(proxyOf(' 1.1 Caddy')).toBe('caddy')
  expect(proxyOf('')).toBeUndefined()
})
