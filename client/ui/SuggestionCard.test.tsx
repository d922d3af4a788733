// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { ChunkView, RunView, SuggestionView } from '#client/session/views.ts'
import { SuggestionCard } from './SuggestionCard.tsx'
import { runViewOf } from './testing/run-view.ts'

afterEach(cleanup)

const run = (more: Partial<RunView> = {}): RunView =>
  runViewOf({ id: 'run-1', suggestion: 'run-1', ...more })
const chunk = (n: number, more: Partial<ChunkView> = {}): ChunkView => ({
  id: `run-1.${n}`,
  n,
  state: 'open',
  parts: [{ op: 'ins', text: `New sentence ${n}.`, apart: false }],
  decidedBy: null,
  deciding: null,
  ...more,
})

function show(view: Partial<RunView>, chunks: ChunkView[], mayEdit = true) {
  const does = {
    onLight: vi.fn(),
    onDecide: vi.fn(),
    onStop: vi.fn(),
    onContinue: vi.fn(),
    onDismiss: vi.fn(),
    onAgain: vi.fn(),
  }
  const card: SuggestionView = { id: 'run-1', run: run(view), chunks }
  render(<SuggestionCard card={card} mayEdit={mayEdit} lit={null} {...does} />)
  return does
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }))
const buttons = () => screen.queryAllByRole('button').map(({ textContent }) => textContent)

test('[V60] a card says what was asked, by whom, and what it cost', () => {
  show({}, [chunk(0)])

  const card = screen.getByRole('article').textContent
  expect(card).toContain('Make shorter')
  expect(card).toContain('asked by Ada')
  expect(card).toContain('84 tokens')
})

test('[V61] a single chunk is accepted or rejected alone', () => {
  const { onDecide } = show({}, [chunk(0), chunk(1)])

  fireEvent.click(screen.getAllByRole('button', { name: /^Accept:/ })[1]!)
  fireEvent.click(screen.getAllByRole('button', { name: /^Reject:/ })[0]!)

  expect(onDecide.mock.calls).toEqual([
    [['run-1.1'], 'accepted'],
    [['run-1.0'], 'rejected'],
  ])
})

test('[C91] a press decides where the button has moved away before it is let go, and once', () => {
  const { onDecide } = show({}, [chunk(0), chunk(1)])
  const captured: number[] = []
  HTMLElement.prototype.setPointerCapture = (id) => void captured.push(id)
  const pointer = { isPrimary: true, button: 0, pointerId: 7, clientX: 40, clientY: 40 }
  const [first, second] = screen.getAllByRole('button', { name: /^Accept:/ })

  fireEvent.pointerDown(first!, pointer)
  expect(captured).toEqual([7])
  fireEvent.pointerUp(first!, { ...pointer, clientX: 42 }) // and no click: it is elsewhere by now
  fireEvent.pointerDown(second!, pointer)
  fireEvent.pointerUp(second!, pointer)
  fireEvent.click(second!, { detail: 1 })
  expect(onDecide.mock.calls).toEqual([
    [['run-1.0'], 'accepted'],
    [['run-1.1'], 'accepted'],
  ])

  fireEvent.pointerDown(first!, pointer)
  fireEvent.pointerUp(first!, { ...pointer, clientY: 80 }) // somebody has thought better of it
  fireEvent.pointerDown(first!, { ...pointer, button: 2 })
  fireEvent.pointerUp(first!, { ...pointer, button: 2 })
  expect(onDecide).toHaveBeenCalledTimes(2)
})

test('[V62] accept all takes what is complete and leaves the sentence being written', () => {
  const { onDecide, onStop } = show({ status: 'streaming' }, [
    chunk(0),
    chunk(1, { state: 'accepted', decidedBy: 'Ben' }),
    chunk(2, { state: 'writing' }),
  ])

  press('Accept all')
  press('Stop')

  expect(onDecide).toHaveBeenCalledExactlyOnceWith(['run-1.0'], 'accepted')
  expect(onStop).toHaveBeenCalledExactlyOnceWith('run-1')
  expect(screen.getByText("Ada's co-pilot is writing…")).toBeTruthy()
})

test('[V63] a decided chunk says who decided and offers nothing more', () => {
  show({}, [chunk(0, { state: 'accepted', decidedBy: 'Ben' })])

  expect(screen.getByLabelText('Accepted')).toBeTruthy()
  expect(screen.getByRole('listitem').textContent).toContain('· Ben')
  expect(screen.queryByRole('button', { name: /^Accept/ })).toBeNull()
})

test('[V64] an interrupted run offers to continue, keep and discard what there is', () => {
  const does = show({ status: 'interrupted', continuable: true }, [chunk(0, { state: 'writing' })])

  press('Continue')
  press('Keep')
  press('Discard')

  expect(screen.getByText('Interrupted.')).toBeTruthy()
  expect(does.onContinue).toHaveBeenCalledExactlyOnceWith('run-1')
  expect(does.onDecide.mock.calls).toEqual([
    [['run-1.0'], 'accepted'],
    [['run-1.0'], 'rejected'],
  ])
})

test('[V65] a failure is told in the sentence of its event', () => {
  show({ status: 'failed', problem: 'The model did not answer in 30 s.' }, [])

  expect(screen.getByText('The model did not answer in 30 s.')).toBeTruthy()
  expect(buttons()).toEqual(['Dismiss'])
})

test('[V66] a stopped run names who stopped it', () => {
  show({ status: 'stopped', stoppedBy: 'Ben' }, [chunk(0)])

  expect(screen.getByText('Stopped by Ben')).toBeTruthy()
})

test('[P33] a run that was stopped or cut can be gone on with while something is undecided', () => {
  show({ status: 'stopped', continuable: true }, [chunk(0)])
  expect(buttons().slice(-3)).toEqual(['Accept all', 'Reject all', 'Continue'])
  cleanup()

  show({ status: 'finished', continuable: true }, [chunk(0)], false)
  expect(buttons()).toEqual([])
  cleanup()

  show({ status: 'stopped', continuable: true }, [])
  expect(buttons()).toEqual(['Dismiss'])
})

test('[V67] a viewer sees the card and can decide nothing', () => {
  const { onDecide } = show({}, [chunk(0)], false)

  fireEvent.keyDown(screen.getByRole('listitem'), { key: 'Enter' })

  expect(buttons()).toEqual([])
  expect(onDecide).not.toHaveBeenCalled()
})

test('[V68] on a chunk Enter accepts and Backspace rejects, but not while it is being written', () => {
  const { onDecide } = show({ status: 'streaming' }, [chunk(0), chunk(1, { state: 'writing' })])
  const [open, writing] = screen.getAllByRole('listitem')

  fireEvent.keyDown(open!, { key: 'Enter' })
  fireEvent.keyDown(open!, { key: 'Backspace' })
  fireEvent.keyDown(writing!, { key: 'Enter' })

  expect(onDecide.mock.calls).toEqual([
    [['run-1.0'], 'accepted'],
    [['run-1.0'], 'rejected'],
  ])
})

test('[V69] what a chunk would strike and write is told apart without colour', () => {
  const parts = [
    { op: 'del' as const, text: 'Old sentence.', apart: false },
    { op: 'ins' as const, text: 'New sentence 0.', apart: false },
  ]
  show({}, [chunk(0, { parts })])

  const line = screen.getByRole('listitem')
  expect(line.querySelector('del')?.textContent).toBe('Old sentence.')
  expect(line.querySelector('ins')?.textContent).toBe('New sentence 0.')
  expect(line.getAttribute('aria-label')).toContain(
    'Replace Old sentence. by New sentence 0. Enter accepts',
  )
})

test('[M14] words whose place was deleted have their writer’s card, to be kept or dropped', () => {
  const { onDecide } = show({ command: 'rescued', requester: { id: 'ben', name: 'Ben' } }, [
    chunk(1),
  ])

  expect(screen.getByRole('article', { name: 'Make shorter, written by Ben' })).toBeTruthy()
  press('Keep')
  press('Discard')
  expect(onDecide.mock.calls).toEqual([
    [['run-1.1'], 'accepted'],
    [['run-1.1'], 'rejected'],
  ])
})
