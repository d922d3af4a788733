/** The browser's roof: fonts, styles and the page. */
import './session/no-eval.ts'
import '@fontsource-variable/inter/index.css'
import '@fontsource-variable/source-serif-4/index.css'
import '@fontsource-variable/source-serif-4/wght-italic.css'
import './ui/styles/tokens.css'
import './ui/styles/base.css'
import './ui/styles/controls.css'
import './ui/styles/home.css'
import './ui/styles/overlays.css'
import './ui/styles/page.css'
import './ui/styles/cards.css'
import './ui/styles/ask.css'
import './ui/styles/overlays.css'
import './ui/styles/editor.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './ui/App.tsx'
import { startPreferences } from './ui/preferences.ts'

startPreferences()
const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
