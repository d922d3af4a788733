/** Starts a server by its name. */
import { startGloss } from './gloss.ts'
import { startLexical } from './lexical.ts'
import { startPeer } from './peers.ts'
import type { BenchServer, ServerName } from './server.ts'

export function startServer(name: ServerName, env?: Record<string, string>): Promise<BenchServer> {
  if (name === 'lexical') return startLexical()
  return name === 'gloss' ? startGloss(env) : startPeer(name)
}
