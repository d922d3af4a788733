import {
  type Browser,
  type BrowserContext,
  expect,
  type Locator,
  type Page,
} from '@playwright/test'
import { freePort } from './free-port.ts'
import { GlossProcess } from './gloss-process.ts'
import { type Faults, NginxProxy } from './nginx-proxy.ts'
import { test } from './story.ts'
import type { Topology } from './topology.ts'

const ALL = 9
const LOOKS = 4
let gloss: Topology
let proxy: NginxProxy | undefined
let context: BrowserContext | undefined

test.beforeEach(({ workplace }) => {
  gloss = workplace.gloss
})
test.afterEach(async () => {
  await context?.close()
  await proxy?.close()
  context = proxy = undefined
})

/** Opens the page through a proxy with these faults, and waits until it has looked at everything. */
async function diagnose(browser: Browser, faults: Faults, prepare?: (page: Page) => Promise<void>) {
  proxy = await NginxProxy.open(gloss.url, faults)
  return open(browser, proxy.url, prepare)
}

async function open(browser: Browser, url: string, prepare?: (page: Page) => Promise<void>) {
  context = await browser.newContext({ baseURL: url, ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await prepare?.(page)
  await page.goto('/diagnose?quick')
  await expect(page.getByRole('button', { name: 'Look again' })).toBeEnabled({ timeout: 45_000 })
  return page
}

const check = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })

/**
 * The names of all checks that do not simply work. A machine that stood still for a second is
 * rightly told to be slow, so the page may look again; what is wrong is wrong at each look.
 */
async function expectTroubles(page: Page, names: readonly string[]): Promise<void> {
  const rows = page.locator('.check:not([data-level="good"])')
  const again = page.getByRole('button', { name: 'Look again' })
  const found = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-check')))
  for (let looks = 1; looks < LOOKS && String(await found()) !== String(names); looks++) {
    await again.click()
    await expect(again).toBeEnabled({ timeout: 45_000 })
  }
  expect(await found()).toEqual(names)
}

test('[V160] behind a proxy that is set up well everything works, and nothing is left behind', async ({
  browser,
}) => {
  const page = await diagnose(browser, {})

  await expectTroubles(page, [])
  await expect(page.getByRole('status').first()).toHaveText('Everything works.')
  await expect(page.locator('.check[data-level="good"]')).toHaveCount(ALL)
  await expect(page.locator('.fix')).toHaveCount(0)
  const { documents } = await (await page.request.get('/api/documents')).json()
  expect(documents).toEqual([])
})

test('[V161] a proxy that passes no upgrade on is found, and the lines that it lacks are printed', async ({
  browser,
}) => {
  const page = await diagnose(browser, { noUpgrade: true })

  await expectTroubles(page, ['socket'])
  const row = check(page, 'Live socket')
  await expect(row).toContainText('Broken')
  await expect(row).toContainText('The upgrade to a WebSocket was refused')
  await expect(row.locator('pre')).toContainText('proxy_set_header Upgrade $http_upgrade;')
  await expect(check(page, 'Sync without a socket')).toContainText('Works')
  await page.getByRole('radio', { name: 'Apache' }).check()
  await expect(row.locator('pre')).toContainText('upgrade=websocket')
})

test('[V162] a proxy that gathers the stream is found by when its events come', async ({
  browser,
}) => {
  const page = await diagnose(browser, { buffered: true })

  await expectTroubles(page, ['stream'])
  const row = check(page, 'Event stream')
  await expect(row).toContainText('Broken')
  await expect(row).toContainText('came in one burst')
  await expect(row.locator('pre')).toContainText('proxy_buffering off;')
  await page.getByRole('radio', { name: 'Caddy' }).check()
  await expect(row.locator('pre')).toContainText('flush_interval -1')
})

test('[V163] a proxy that cuts what is silent for five seconds is found by a socket and by a request', async ({
  browser,
}) => {
  const page = await diagnose(browser, { readTimeout: 5 })

  await expectTroubles(page, ['socket', 'patience'])
  await expect(check(page, 'Live socket')).toContainText(/cut after \d+\.\d s of silence/)
  await expect(check(page, 'Live socket').locator('pre')).toContainText('proxy_read_timeout 1h;')
  await expect(check(page, 'Long requests')).toContainText(/cut after \d+\.\d s \(status 504\)/)
  await expect(check(page, 'Long requests')).toContainText('Works, but')
})

test('[V164] a proxy that takes only small requests is found, and how small they must be', async ({
  browser,
}) => {
  const page = await diagnose(browser, { bodyLimit: '300k' })
  const row = check(page, 'Size of requests')
  await expect(row).toContainText('Works, but')
  await expect(row).toContainText('A request of 1 MiB was refused')
  await expect(row.locator('pre')).toContainText('client_max_body_size 16m;')
  await expectTroubles(page, ['body'])
  await proxy?.close()
  await context?.close()

  const smaller = await diagnose(browser, { bodyLimit: '64k' })
  await expect(check(smaller, 'Size of requests')).toContainText('256 KiB')
})

test('[V165] a proxy that replaces the Host header is found, though then nobody can even come in', async ({
  browser,
}) => {
  const page = await diagnose(browser, { host: '$proxy_host' })

  const row = check(page, 'Address and session')
  await expect(row).toContainText('Broken')
  await expect(row).toContainText(`Gloss was told 127.0.0.1:${gloss.port}`)
  await expect(row.locator('pre').first()).toContainText('proxy_set_header Host $http_host;')
  await expect(row.locator('pre').last()).toContainText(`PUBLIC_URL=${proxy?.url}`)
  await expect(check(page, 'Live socket')).toContainText('Not tested')
  await expect(check(page, 'Size of requests')).toContainText('Not tested')
  await expect(page.getByRole('status').first()).toContainText('broken')
})

test('[V166] over TLS a missing X-Forwarded-Proto is found, and HTTP/2 is seen', async ({
  browser,
}) => {
  const page = await diagnose(browser, { tls: true, proto: '' })

  const row = check(page, 'Address and session')
  await expect(row).toContainText('Works, but')
  await expect(row).toContainText('PUBLIC_URL and X-Forwarded-Proto are not set')
  await expect(row.locator('pre').first()).toContainText('X-Forwarded-Proto $scheme;')
  await expect(row.locator('pre').last()).toContainText(`PUBLIC_URL=${proxy?.url}`)
  await expect(check(page, 'Speed and HTTP version')).toContainText('over HTTP/2')
  await expectTroubles(page, ['address'])
})

test('[V167] a PUBLIC_URL that is not where one is is found, with the line that would be right', async ({
  browser,
}) => {
  const port = await freePort()
  const elsewhere = `http://gloss.example.org:${port}`
  const other = await GlossProcess.start({ env: { PUBLIC_URL: elsewhere } })
  // Only from its second start on it listens where it says.
  await other.terminate()
  await other.run()
  const page = await open(browser, other.url)

  const row = check(page, 'Address and session')
  await expect(row).toContainText(`PUBLIC_URL says ${elsewhere}`)
  await expect(row.locator('pre')).toHaveText(`PUBLIC_URL=${other.url}`)
  await other.stop()
})

test('[V168] a clock that is off is found, and a browser that keeps nothing', async ({
  browser,
}) => {
  const page = await diagnose(browser, {}, async (page) => {
    await page.addInitScript(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 120_000
      Object.defineProperty(window, 'indexedDB', {
        get: () => {
          throw new DOMException('blocked', 'SecurityError')
        },
      })
    })
  })

  await expectTroubles(page, ['clock', 'storage'])
  await expect(check(page, 'Clock')).toContainText(/1[12]\d s ahead of the server/)
  await expect(check(page, 'Storage on this device')).toContainText('keeps nothing')
  await expect(page.getByRole('status').first()).toHaveText(
    'Everything works; 2 things could be better.',
  )
})

test('[V169] without a server the page says so, and finds it again when it is back', async ({
  browser,
}) => {
  const page = await diagnose(browser, {})
  await page.route('**/api/**', (route) => route.abort())
  await page.getByRole('button', { name: 'Look again' }).click()
  await expect(page.getByRole('status').first()).toHaveText('The server cannot be reached.')
  await expect(page.getByText('Is the process running')).toBeVisible()

  await page.unroute('**/api/**')
  await page.getByRole('button', { name: 'Look again' }).click()
  await expect(page.getByRole('status').first()).toHaveText('Everything works.', {
    timeout: 45_000,
  })
})

test('[V170] the report is one plain text with every verdict and every line to change', async ({
  browser,
}) => {
  const page = await diagnose(browser, { noUpgrade: true, bodyLimit: '300k' })
  await context?.grantPermissions(['clipboard-read', 'clipboard-write'])

  await page.getByRole('button', { name: 'Copy the report' }).click()
  await expect(page.getByText('Copied')).toBeVisible()

  const report = await page.evaluate(() => navigator.clipboard.readText())
  expect(report).toContain(
    'Gloss connection report: One thing is broken, one thing could be better',
  )
  expect(report).toContain('[Broken] Live socket: The upgrade to a WebSocket was refused.')
  expect(report).toContain('    proxy_set_header Upgrade $http_upgrade;')
  expect(report).toContain('[Works, but] Size of requests')
  expect(report).toContain('    client_max_body_size 16m;')
  expect(report.match(/^\[/gm)).toHaveLength(ALL)
})

test('[V171] the page is used by keys alone, on a phone as on a desk', async ({ browser }) => {
  const page = await diagnose(browser, { noUpgrade: true })
  await page.setViewportSize({ width: 390, height: 844 })

  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  await page.getByRole('button', { name: 'Look again' }).focus()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Copy the report' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('radio', { name: 'nginx' })).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'Caddy' })).toBeChecked()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Copy the lines for Caddy' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.locator('.fix pre')).toBeFocused()
})
