import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { LongFirst } from './long-first.ts'

const KNOWN = [
  '[yjs] Changed the client-id because another client seems to be using it.',
  'Unable to compute message',
  'Using CodeNode without CodeExtension is deprecated',
]

/** The tests that need no browser. Apart from the client's build, which an image makes without them. */
export default defineConfig({
  plugins: [react()],
  test: {
    include: ['{shared,server,client,e2e}/**/*.test.{ts,tsx}'],
    // Generous, so that what is waited for says what it lacks before the test is given up.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    // What Yjs and its provider say of what our tests do on purpose; thousands of lines of it.
    onConsoleLog: (log) => !KNOWN.some((known) => log.includes(known)),
    // More than the cores: much of what takes long waits for a disk, a process or a clock.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
  },
})
