import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** The client's build, and the tests that need no browser. */
export default defineConfig({
  root: 'client',
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023' },
  test: {
    root: '.',
    include: ['{shared,server,client,e2e}/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
})
