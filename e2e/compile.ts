/**
 * Starts Gloss and lets it end by itself, as few tests do: only then Node keeps what it has compiled
 * where NODE_COMPILE_CACHE says.
 */
import { GlossProcess } from './gloss-process.ts'

const gloss = await GlossProcess.start()
await gloss.terminate()
await gloss.stop()
