import { expect, test } from 'vitest'
import { safeUrl } from './links.ts'

test('[W56] an address is followed only where nothing but a page or a letter opens (B51, B52, B54)', () => {
  for (const url of [
    'javascript:alert(1)',
    'JaVa\tScript:alert(1)',
    'java\u0000script:alert(1)',
    '\u0001javascript:alert(1)',
    ' javascript:alert(1)',
    'javascript://a:99999999',
    'javascript:javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'blob:https://a.example/b',
    'file:///etc/passwd',
    'view-source:https://a.example',
    'intent://x#Intent;end',
    'about:blank',
    'ws://a.example',
    '//evil.example',
    '\\\\evil.example',
    'http://',
    'https://a.example:99999999',
    '',
  ]) {
    expect(safeUrl(url), JSON.stringify(url)).toBeUndefined()
  }
  // What is followed is told by the host that it really leads to.
  expect(safeUrl('https://a.example/b?c=d#e')).toBe('https://a.example/b?c=d#e')
  expect(safeUrl('mailto:a@b.example')).toBe('mailto:a@b.example')
  for (const [typed, host] of [
    ['http:/\\evil.example', 'evil.example'],
    ['https://good.example@evil.example/', 'evil.example'],
    ['https://аpple.example', 'xn--pple-43d.example'],
  ]) {
    const url = safeUrl(typed ?? '')
    expect(url === undefined || new URL(url).hostname === host, typed).toBe(true)
  }
})
