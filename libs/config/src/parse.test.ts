import { expect, test } from 'vitest'
import { parseConfig } from './parse.ts'

const minimal = {
  MILLRACE_APPLICATION_ID: 'orders',
  MILLRACE_TOPOLOGY: './orders.ts',
  MILLRACE_KAFKA_BROKERS: 'one:9092, two:9092',
}
const noFiles = (path: string): string => {
  throw new Error(`unexpected read of ${path}`)
}

test('the three required settings are enough, the rest has defaults', () => {
  const config = parseConfig(minimal, noFiles)
  expect(config.brokers).toEqual(['one:9092', 'two:9092'])
  expect(config.commitInterval).toBe(1_000)
  expect(config.tls).toBe(false)
  expect(config.deadLetterTopic).toBeNull()
})

test('a missing required setting is named with its meaning', () => {
  expect(() => parseConfig({ ...minimal, MILLRACE_APPLICATION_ID: '' }, noFiles)).toThrow(
    /MILLRACE_APPLICATION_ID is required: Names the consumer group/,
  )
})

test('an unknown name is refused with the nearest known one', () => {
  expect(() => parseConfig({ ...minimal, MILLRACE_COMMIT_INTERVALL: '5s' }, noFiles)).toThrow(
    'MILLRACE_COMMIT_INTERVALL is not a setting; did you mean MILLRACE_COMMIT_INTERVAL?',
  )
})

test.each([
  ['MILLRACE_COMMIT_INTERVAL', '5', 'a duration such as'],
  ['MILLRACE_THREADS', '0', 'a whole number from 1 to 64'],
  ['MILLRACE_THREADS', '1.5', 'a whole number from 1 to 64'],
  ['MILLRACE_KAFKA_TLS', 'yes', 'true or false'],
  ['MILLRACE_LOG_LEVEL', 'loud', 'one of debug, info'],
  ['MILLRACE_KAFKA_BROKERS', 'one:9092,,two:9092', 'a list separated by commas'],
])('%s=%s is refused, saying what is expected', (name, value, expected) => {
  expect(() => parseConfig({ ...minimal, [name]: value }, noFiles)).toThrow(expected)
})

test('every fault is named at once', () => {
  expect(() => parseConfig({ MILLRACE_THREADS: 'many' }, noFiles)).toThrow(
    /(?=.*MILLRACE_APPLICATION_ID)(?=.*MILLRACE_TOPOLOGY)(?=.*MILLRACE_KAFKA_BROKERS)(?=.*MILLRACE_THREADS)/s,
  )
})

test('a secret may come from a file, without its trailing newline', () => {
  const env = { ...minimal, MILLRACE_KAFKA_SASL_PASSWORD_FILE: '/run/secrets/kafka' }
  expect(parseConfig(env, () => 'hunter2\n').saslPassword).toBe('hunter2')
})

test('a secret given twice is refused, and not repeated in the message', () => {
  const env = {
    ...minimal,
    MILLRACE_KAFKA_SASL_PASSWORD: 'hunter2',
    MILLRACE_KAFKA_SASL_PASSWORD_FILE: '/x',
  }
  expect(() => parseConfig(env, () => 'hunter2')).toThrow(/^(?!.*hunter2).*both set/s)
})

test('dead letters without a topic for them are refused', () => {
  const env = { ...minimal, MILLRACE_ON_PROCESSING_ERROR: 'dead-letter' }
  expect(() => parseConfig(env, noFiles)).toThrow(
    'MILLRACE_ON_PROCESSING_ERROR=dead-letter needs MILLRACE_DEAD_LETTER_TOPIC',
  )
  const named = { ...env, MILLRACE_DEAD_LETTER_TOPIC: 'dead' }
  expect(parseConfig(named, noFiles).onProcessingError).toBe('dead-letter')
})

const oauth = {
  ...minimal,
  MILLRACE_KAFKA_SASL_MECHANISM: 'oauthbearer',
  MILLRACE_KAFKA_OAUTH_TOKEN_URL: 'https://id.example/token',
  MILLRACE_KAFKA_OAUTH_CLIENT_ID: 'mill',
  MILLRACE_KAFKA_OAUTH_CLIENT_SECRET: 's3cret',
}

test.each([
  ['http://id.example/token', 'the secret would go in the clear'],
  ['https://mill:s3cret@id.example/token', 'credentials in a URL end in logs'],
  ['ftp://id.example', 'no web address'],
  ['id.example', 'no URL'],
])('the token endpoint %s is refused: %s', (url) => {
  const env = { ...oauth, MILLRACE_KAFKA_OAUTH_TOKEN_URL: url }
  expect(() => parseConfig(env, noFiles)).toThrow(/MILLRACE_KAFKA_OAUTH_TOKEN_URL must be an https/)
})

test('what a mechanism needs is asked for by name', () => {
  expect(parseConfig(oauth, noFiles).oauthClientSecret).toBe('s3cret')
  const bare = { ...minimal, MILLRACE_KAFKA_SASL_MECHANISM: 'oauthbearer' }
  expect(() => parseConfig(bare, noFiles)).toThrow(/needs MILLRACE_KAFKA_OAUTH_CLIENT_SECRET/)
  const scram = { ...minimal, MILLRACE_KAFKA_SASL_MECHANISM: 'scram-sha-512' }
  expect(() => parseConfig(scram, noFiles)).toThrow(
    /needs MILLRACE_KAFKA_SASL_USERNAME.*needs MILLRACE_KAFKA_SASL_PASSWORD/,
  )
})

test('certificates come with TLS, and a certificate with its key', () => {
  const env = { ...minimal, MILLRACE_KAFKA_TLS_CERTIFICATE_FILE: '/run/client.pem' }
  expect(() => parseConfig(env, noFiles)).toThrow(
    /_CERTIFICATE_FILE needs MILLRACE_KAFKA_TLS=true.*_KEY_FILE go together/,
  )
})

test.each([
  ['0B', 0],
  ['1KiB', 1_024],
  ['20GiB', 20 * 2 ** 30],
])('the size %s is %s bytes', (text, bytes) => {
  const config = parseConfig({ ...minimal, MILLRACE_STATE_DISK_BUDGET: text }, noFiles)
  expect(config.stateDiskBudget).toBe(bytes)
})

test.each(['10GB', '10', '1.5GiB', '-1MiB', 'GiB', '999999999TiB'])('%s is no size', (text) => {
  expect(() => parseConfig({ ...minimal, MILLRACE_STATE_DISK_BUDGET: text }, noFiles)).toThrow(
    /MILLRACE_STATE_DISK_BUDGET must be a size such as/,
  )
})
