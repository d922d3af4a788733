/** Shrinks a failing script: leaves out what the fault does not need, and makes the rest plain. */
import type { FaultKind } from '#server/testing/history/judging/account.ts'
import type { Script, Step } from './script.ts'

export interface Shrinking {
  /** Whether this script still has the fault. */
  fails(script: Script): Promise<boolean>
  /** Plays at most so many scripts. */
  tries: number
}

export async function shrink(script: Script, { fails, tries }: Shrinking): Promise<Script> {
  let best = script
  let left = tries
  const attempt = async (next: Script): Promise<boolean> => {
    if (left-- <= 0 || !(await fails(next))) return false
    best = next
    return true
  }
  await cutEnd()
  for (let changed = true; changed && left > 0; ) {
    const before = JSON.stringify(best)
    await dropParts()
    await simplify()
    changed = JSON.stringify(best) !== before
  }
  return best

  /** Halves the script from behind as long as it fails. */
  async function cutEnd(): Promise<void> {
    let low = 0
    while (low < best.steps.length - 1 && left > 0) {
      const middle = Math.floor((low + best.steps.length) / 2)
      if (!(await attempt({ ...best, steps: best.steps.slice(0, middle) }))) low = middle
      if (low >= best.steps.length - 1) break
    }
  }

  /** Leaves out ever smaller parts. */
  async function dropParts(): Promise<void> {
    for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = best.steps.length - size; at >= 0 && left > 0; at -= size) {
        await attempt({ ...best, steps: best.steps.toSpliced(at, size) })
        at = Math.min(at, best.steps.length)
      }
    }
  }

  async function simplify(): Promise<void> {
    for (const change of PLAINER) {
      const next = { ...best, ...change }
      if (JSON.stringify(next) !== JSON.stringify(best)) await attempt(next)
    }
    for (let at = 0; at < best.steps.length; at++) {
      for (const step of plainerSteps(best.steps[at]!)) {
        if (left > 0) await attempt({ ...best, steps: best.steps.with(at, step) })
      }
    }
  }
}

const PLAINER: Partial<Script>[] = [
  { calm: true },
  { instances: 1 },
  { people: 2 },
  { markdown: 'Abc def.\n\nGhi jkl.' },
  { markdown: 'Abc def.' },
]

/** The same with smaller numbers and shorter texts. */
function plainerSteps(step: Step): Step[] {
  const steps: Step[] = []
  for (const [key, value] of Object.entries(step)) {
    if (typeof value === 'number' && key !== 'who' && value > 0) {
      for (const less of [0, 1, 2, 3, 5, 8, Math.floor(value / 2)]) {
        if (less < value) steps.push({ ...step, [key]: less } as Step)
      }
    }
    if (typeof value === 'string' && (key === 'text' || key === 'words') && [...value].length > 1) {
      steps.push({ ...step, [key]: [...value][0] } as Step)
      steps.push({ ...step, [key]: [...value].slice(0, [...value].length >> 1).join('') } as Step)
    }
    if (Array.isArray(value) && value.length > 1) {
      steps.push({ ...step, [key]: value.slice(0, -1) } as Step)
    }
  }
  return steps
}

/** Kinds in the order in which one explains the others. */
const GRAVITY: FaultKind[] = [
  'threw',
  'refused',
  'room lost',
  'never quiet',
  'apart',
  'gesture threw',
  'identity',
  'undo took others',
  'undo brought back',
  'took others',
  'doubled at once',
  'echo',
  'struck unread',
  'both accepted',
  'lost',
  'doubled',
  'came back',
  'clash lost',
  'clash doubled',
  'clash came back',
  'foreign',
  'run text lost',
  'run text stays',
  'leak',
  'without differs',
  'accepted differs',
]

/** The fault of a history that is looked at first. */
export const gravest = (kinds: readonly FaultKind[]): FaultKind | undefined =>
  GRAVITY.find((kind) => kinds.includes(kind))
