import { expect, test } from 'vitest'
import { type WorkerState, WorkerStateMachine } from './worker-state.ts'

test('a worker goes from start to stop along the drawing, and says so', () => {
  const seen: WorkerState[] = []
  const machine = new WorkerStateMachine((state) => seen.push(state))
  const way: WorkerState[] = [
    'starting',
    'rebalancing',
    'restoring',
    'running',
    'stopping',
    'stopped',
  ]
  for (const state of way) machine.enter(state)
  machine.enter('stopped')
  expect(seen).toEqual(way)
  expect(machine.hasEnded).toBe(true)
})

test('a step that is not in the drawing is refused', () => {
  const machine = new WorkerStateMachine(() => {})
  expect(() => machine.enter('running')).toThrow('created to running')
  machine.enter('starting')
  machine.enter('failed')
  expect(() => machine.enter('running')).toThrow('failed to running')
})
