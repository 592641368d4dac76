import { expect, test } from 'vitest'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts'

const subscription = {
  topics: ['orders', 'prices'],
  userData: Buffer.from([1, 2, 3]),
  ownedPartitions: [
    { topic: 'orders', partition: 0 },
    { topic: 'orders', partition: 7 },
  ],
  generation: 5,
}

test('a subscription is laid out as ConsumerProtocolSubscription version 2', () => {
  expect(encodeSubscription(subscription).toString('hex')).toBe(
    [
      '0002', // version
      '00000002',
      '00066f7264657273', // "orders"
      '0006707269636573', // "prices"
      '00000003010203', // user data
      '00000001',
      '00066f7264657273',
      '00000002',
      '00000000',
      '00000007',
      '00000005', // generation
    ].join(''),
  )
})

test('a subscription reads back as it was written', () => {
  expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription)
})

test('a subscription of an older member has no owned partitions or no generation', () => {
  const bytes = encodeSubscription(subscription)
  const version1 = Buffer.from(bytes.subarray(0, -4))
  version1.writeInt16BE(1)
  expect(decodeSubscription(version1)).toEqual({ ...subscription, generation: -1 })
  const version0 = Buffer.concat([Buffer.from([0, 0]), bytes.subarray(2, 2 + 4 + 8 + 8 + 7)])
  expect(decodeSubscription(version0)).toEqual({
    ...subscription,
    ownedPartitions: [],
    generation: -1,
  })
})

test('fields that a newer member adds at the end are passed over', () => {
  const newer = Buffer.concat([encodeSubscription(subscription), Buffer.from('rack')])
  newer.writeInt16BE(9)
  expect(decodeSubscription(newer)).toEqual(subscription)
})

test('null user data reads as empty', () => {
  const bytes = Buffer.from('00020000000000000000ffffffff', 'hex').subarray(0, 6)
  const nullUserData = Buffer.concat([bytes, Buffer.from('ffffffff0000000000000001', 'hex')])
  expect(decodeSubscription(nullUserData)).toEqual({
    topics: [],
    userData: Buffer.alloc(0),
    ownedPartitions: [],
    generation: 1,
  })
})

test('an assignment reads back as it was written, and an empty one is nothing', () => {
  const assignment = {
    partitions: [
      { topic: 'orders', partition: 1 },
      { topic: 'prices', partition: 0 },
    ],
    userData: Buffer.from('standby'),
  }
  expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
  expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [], userData: Buffer.alloc(0) })
})

test('bytes cut short, or a length beyond them, are refused', () => {
  const bytes = encodeSubscription(subscription)
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeSubscription(bytes.subarray(0, length))).toThrow(RangeError)
  }
  expect(() => decodeAssignment(Buffer.from('00017fffffff', 'hex'))).toThrow(RangeError)
})
