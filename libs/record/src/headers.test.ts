import { expect, test } from 'vitest'
import { header, headerText, withHeader } from './headers.ts'
import type { Headers } from './record.ts'

const twice: Headers = [
  ['trace', Buffer.from('a')],
  ['other', null],
  ['trace', Buffer.from('b')],
]

test('the last of several headers with a name counts', () => {
  expect(headerText(twice, 'trace')).toBe('b')
})

test('a header without a value is there, and null', () => {
  expect(header(twice, 'other')).toBeNull()
  expect(header(twice, 'missing')).toBeUndefined()
})

test('setting a header leaves one of that name and changes nothing in place', () => {
  expect(withHeader(twice, 'trace', 'c')).toEqual([
    ['other', null],
    ['trace', Buffer.from('c')],
  ])
  expect(twice).toHaveLength(3)
})
