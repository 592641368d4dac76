import { seededRandom, VirtualClock } from '@millrace/simulation'
import type { StateBackend } from '@millrace/store'
import { expect, test } from 'vitest'
import { Disk } from './disk.ts'
import { Gate } from './gate.ts'
import { ProcessClock } from './process-clock.ts'

const put = (key: string) => ({ key: Buffer.from(key), value: Buffer.from('1') })

async function scene() {
  const clock = new VirtualClock()
  const gate = new Gate()
  const disk = new Disk(clock, seededRandom(1))
  const backend = await disk.mount(gate).open('0_0')
  return { clock, gate, disk, backend }
}

async function keysOf(backend: StateBackend | undefined): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const key of backend?.keys({}) ?? []) keys.push(String(key))
  return keys
}

test('what a stopped process waits for comes when it goes on, in order', () => {
  const gate = new Gate()
  const seen: number[] = []
  gate.hold()
  for (const n of [1, 2]) gate.pass(() => seen.push(n))
  expect(seen).toEqual([])
  gate.release()
  expect(seen).toEqual([1, 2])
})

test('a killed process does nothing any more, whatever it waited for', async () => {
  const { clock, gate } = await scene()
  const processClock = new ProcessClock(clock, gate, { offsetMs: 0 })
  let fired = 0
  processClock.setTimer(10, () => fired++)
  gate.hold()
  await clock.advance(20)
  gate.kill()
  gate.release()
  expect(fired).toBe(0)
})

test('a write that is under way at a kill is there in full or not at all', async () => {
  const outcomes = new Set<string>()
  for (let n = 0; n < 20; n++) {
    const clock = new VirtualClock()
    const disk = new Disk(clock, seededRandom(n))
    const backend = await disk.mount(new Gate()).open('0_0')
    disk.latencyMs = 100
    void backend.write([put('a'), put('b')])
    await clock.advance(50)
    disk.crash()
    await clock.advance(100)
    outcomes.add((await keysOf(disk.read('0_0'))).join(' '))
  }
  expect([...outcomes].toSorted()).toEqual(['', 'a b'])
})

test('the disk of a killed process is free, that of a running one is locked', async () => {
  const { disk, gate } = await scene()
  await expect(disk.mount(new Gate()).open('0_0')).rejects.toMatchObject({
    code: 'MILLRACE_STORE_LOCKED',
  })
  gate.kill()
  disk.crash()
  await disk.mount(new Gate()).open('0_0')
})
