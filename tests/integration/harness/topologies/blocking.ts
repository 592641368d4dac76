// Shouts: `in` → `out`. The values `loop` and `wait` block the thread for a while.

import { string, topology } from 'millrace'

const { SCENE: scene = 'scene', BLOCK_MS = '0' } = process.env

export default topology((t) => {
  t.stream(`${scene}-in`, { key: string, value: string, nullValues: 'drop' })
    .mapValues(shout, { name: 'shout', value: string })
    .to(`${scene}-out`)
})

function shout(value: string): string {
  block(value)
  return `${value}!`
}

function block(kind: string): void {
  const untilMs = performance.now() + Number(BLOCK_MS)
  if (kind === 'wait')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(BLOCK_MS))
  if (kind === 'loop') while (performance.now() < untilMs);
}
