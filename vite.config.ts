import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The client's build. */
export default defineConfig({
  root: 'client',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // What changes rarely in files of its own: a browser keeps them over an update of ours.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'text', test: /node_modules\/(@?lexical|yjs|lib0|y-)/ },
            {
              name: 'page',
              test: /node_modules\/(react|react-dom|scheduler|@base-ui|@floating-ui)\//,
            },
          ],
        },
      },
    },
  },
})
