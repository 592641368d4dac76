import { expect, test } from 'vitest'
import { RequestQueue } from './request-queue.ts'

test('who asks waits until it is done', async () => {
  const requests = new RequestQueue()
  let isDone = false
  const asked = requests.ask({ kind: 'rejoin' }).then(() => {
    isDone = true
  })
  await Promise.resolve()
  expect(isDone).toBe(false)
  requests.take()?.resolve()
  await asked
  expect(isDone).toBe(true)
})

test('after the end everybody is told, those who wait and those who come', async () => {
  const requests = new RequestQueue()
  const waiting = requests.ask({ kind: 'rejoin' })
  requests.close(new Error('ended'))
  await expect(waiting).rejects.toThrow('ended')
  await expect(requests.ask({ kind: 'rejoin' })).rejects.toThrow('ended')
})
