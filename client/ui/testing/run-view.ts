/** RunViewOf makes a run as a card shows it: a finished one by Ada, unless said otherwise. For tests. */
import type { RunView } from '#client/session/views.ts'

export const runViewOf = (more: Partial<RunView> = {}): RunView => ({
  id: 'r1',
  suggestion: 'r1',
  command: 'shorten',
  title: 'Make shorter',
  instruction: '',
  requester: { id: 'ada', name: 'Ada' },
  model: 'qwen3',
  target: null,
  status: 'finished',
  queue: 0,
  tokens: 84,
  problem: null,
  continuable: false,
  stoppedBy: null,
  progress: null,
  startedAt: 0,
  ...more,
})
