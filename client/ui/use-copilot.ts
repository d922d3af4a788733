/** What the co-pilot of this server can do; asked once, null where it is off or not known yet. */
import { useEffect, useState } from 'react'
import { api } from '#client/session/api.ts'
import type { CopilotInfo } from '#shared/protocol/api.ts'

let asked: Promise<CopilotInfo> | undefined

export function useCopilot(): CopilotInfo | null {
  const [info, setInfo] = useState<CopilotInfo | null>(null)
  useEffect(() => {
    let here = true
    asked ??= api.copilot()
    asked.then(
      (answer) => here && setInfo(answer.on ? answer : null),
      () => {
        // Without an answer the page is an editor; the next document asks again.
        asked = undefined
      },
    )
    return () => {
      here = false
    }
  }, [])
  return info
}
