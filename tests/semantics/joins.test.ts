import { bytes, headerText, json, number, string, topology } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

test('a late record goes to the late topic as its own side writes it', async () => {
  const program = topology((t) => {
    const left = t.stream('left', { value: json<{ order: number }>() })
    const right = t.stream('right', { value: number })
    const options = { name: 'pairs', after: 10, late: 'too-late' }
    left.join(right, ({ order }, paid) => order - paid, options).to('out')
  })
  await using driver = await createTestDriver(program)
  await driver.input('left').pipe('a', { order: 7 }, { timestampMs: 100 })
  await driver.input('right').pipe('a', 5, { timestampMs: 20 })
  await driver.input('left').pipe('a', { order: 8 }, { timestampMs: 30 })
  expect(driver.late()).toEqual({ 'pairs-left': 1, 'pairs-right': 1 })
  const late = driver.output('too-late', { key: string, value: bytes }).readAll()
  expect(late.map(({ value }) => value?.toString('hex'))).toEqual([
    number.serialize(5).toString('hex'),
    Buffer.from('{"order":8}').toString('hex'),
  ])
  expect(late.map(({ headers }) => headerText(headers, 'millrace.late.lateness-ms'))).toEqual([
    '80',
    '70',
  ])
})

test('a result without a match carries the headers of its own record', async () => {
  const program = topology((t) => {
    const [left, right] = [t.stream('left'), t.stream('right')]
    left.leftJoin(right, (value) => value, { name: 'pairs', after: 10 }).to('out')
  })
  await using driver = await createTestDriver(program)
  const headers = (text: string) => ({ headers: [['trace', Buffer.from(text)] as const] })
  await driver.input('left').pipe('a', 1, { timestampMs: 0, ...headers('its own') })
  await driver.crash()
  await driver.resume({ keepState: false })
  await driver.input('right').pipe('b', 2, { timestampMs: 50, ...headers("a stranger's") })
  const [result] = driver.output('out').readAll()
  expect(headerText(result?.headers ?? [], 'trace')).toBe('its own')
})
