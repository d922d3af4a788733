/**
 * Random stories around provisional text; see server/testing/story.ts for what is checked. Repeat
 * one with FUZZ_SEED=<seed> FUZZ_RUNS=1.
 */

import { expect, test } from 'vitest'
import { KnownLimit, Story, type StoryOptions } from '#server/testing/story.ts'
import * as typing from '#server/testing/typing.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 60)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_000)

const { type, typeAtFlagEdge, erase, eraseAcross, bold, undo, redo, enter, merge } = typing
const write = [type, type, typeAtFlagEdge, erase, eraseAcross, bold]

const SETS: Record<string, Omit<StoryOptions, 'seed'>> = {
  'typing, erasing and formatting': { actions: write },
  'undo and redo among it': { actions: [...write, undo, undo, redo] },
  'Enter and merging': { actions: [...write, enter, merge], moves: true },
  'all of it with undo': { actions: [...write, enter, merge, undo, redo], moves: true },
}

test.each(Object.entries(SETS))(
  `[S20] whatever people, runs and decisions do, nobody's text is lost or doubled (seed ${SEED}): %s`,
  (_, options) => {
    let limits = 0
    for (let run = 0; run < RUNS; run++) {
      const seed = SEED + run
      try {
        new Story({ ...options, seed }).play()
      } catch (error) {
        if (error instanceof KnownLimit) limits++
        else
          throw new Error(`story ${seed}: repeat with FUZZ_SEED=${seed} FUZZ_RUNS=1`, {
            cause: error,
          })
      }
    }
    expect(limits).toBeLessThanOrEqual(Math.ceil(RUNS / 50))
  },
  120_000,
)
