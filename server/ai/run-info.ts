/** A run as people's pages see it. */
import { z } from 'zod'
import type { RunRow } from '#server/store/document-store.ts'
import { NO_PROGRESS, readProgress } from '#server/store/run-progress.ts'
import { type RunInfo, Target } from '#shared/protocol/api.ts'
import { FailureKind } from '#shared/protocol/event.ts'

const Failure = z.object({ kind: FailureKind, message: z.string(), continuable: z.boolean() })

/** `queue` is its place in line; 0 where it does not wait. */
export function runInfo(row: RunRow, queue: number): RunInfo {
  return {
    id: row.id,
    suggestion: row.suggestion ?? row.id,
    command: row.command,
    title: row.title,
    instruction: row.instruction,
    requester: { id: row.requester, name: row.requesterName },
    model: row.model,
    target: Target.safeParse(JSON.parse(row.target)).data,
    status: row.status,
    queue,
    tokens: row.tokens,
    failure: row.failure === null ? null : Failure.parse(JSON.parse(row.failure)),
    isCut: row.endedAt !== null && (readProgress(row.progress)?.cut ?? null) !== null,
    progress: progressOf(row),
    startedAt: row.startedAt,
    endedAt: row.endedAt,
  }
}

function progressOf({ progress }: RunRow): RunInfo['progress'] {
  const { done, of, missed } = readProgress(progress) ?? NO_PROGRESS
  return of > 0 ? { done, of, missed } : null
}
