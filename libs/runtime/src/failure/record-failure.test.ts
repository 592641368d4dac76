import { MillraceError } from '@millrace/errors'
import { expect, test } from 'vitest'
import { failurePolicies, retryBackoffMs } from './failure-policies.ts'
import { asRecordError, judge, stageOf } from './record-failure.ts'

const at = { topic: 'in', partition: 2, offset: 41 }
const policies = failurePolicies({ deadLetterTopic: 'dead', onProcessingError: 'skip' })

test('an error names the record, the reason and the ways out', () => {
  const error = asRecordError(new Error('no such colour'), 'processing', at)
  expect(error.message).toMatch(
    /^MILLRACE_RUNTIME_PROCESSING_FAILED: .*no such colour at in\[2\]@41\. .*MILLRACE_DEAD_LETTER_TOPIC/,
  )
  expect(error.message).toContain('millrace skip in:2:41')
})

test('each stage has its policy', () => {
  const error = asRecordError(new Error('broken'), 'undecodable', at)
  expect(judge(error, 'undecodable', policies)).toBe('dead-letter')
  expect(judge(error, 'processing', policies)).toBe('skip')
  expect(judge(error, 'production', failurePolicies({}))).toBe('stop')
})

test('a result that cannot be written is a failure of production, whoever threw', () => {
  const refused = new MillraceError('MILLRACE_KAFKA_RECORD_REFUSED', { message: 'too large' })
  expect(stageOf(refused, 'processing')).toBe('production')
  expect(stageOf(new Error('a function'), 'processing')).toBe('processing')
})

test("errors that are not the record's fault are never dead-lettered", () => {
  const fenced = new MillraceError('MILLRACE_KAFKA_FENCED', { message: 'somebody else has it' })
  expect(judge(asRecordError(fenced, 'processing', at), 'processing', policies)).toBe('throw')
  const broken = new MillraceError('MILLRACE_ERRORS_ASSERTION', { message: 'impossible' })
  expect(judge(asRecordError(broken, 'processing', at), 'processing', policies)).toBe('throw')
})

test('dead letters without a topic for them are a wrong setting', () => {
  expect(() => failurePolicies({ onProductionError: 'dead-letter' })).toThrow(
    'MILLRACE_CONFIG_INVALID',
  )
})

test('the pause before a retry doubles, up to a minute', () => {
  const pauses = [1, 2, 3, 100].map((n) => retryBackoffMs({ retriesMax: 100, backoffMs: 500 }, n))
  expect(pauses).toEqual([500, 1_000, 2_000, 60_000])
})
