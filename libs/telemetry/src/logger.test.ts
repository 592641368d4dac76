import { expect, test } from 'vitest'
import { createLogger, type LogLevel } from './logger.ts'

function logged(level: LogLevel = 'info') {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const logger = createLogger({ level, fields: { application: 'mill' }, destination })
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line) as object) }
}

test('a line says when, how severe, whose, and one sentence', () => {
  const { logger, parsed } = logged()
  logger.child({ thread: 2 }).warn({ topic: 'orders' }, 'a topic is missing')
  expect(parsed()).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      application: 'mill',
      thread: 2,
      topic: 'orders',
      msg: 'a topic is missing',
    },
  ])
})

test('a changed level holds for loggers that were made before', () => {
  const { logger, lines } = logged('info')
  const child = logger.child({ purpose: 'fetch' })
  child.debug({}, 'unseen')
  logger.level = 'debug'
  child.debug({}, 'seen')
  logger.level = 'silent'
  child.error({}, 'unseen')
  expect(lines).toHaveLength(1)
})

test.each(['password', 'token', 'authorization', 'clientSecret', 'saslPassword'])(
  '%s is never written, however deep it lies',
  (name) => {
    const { logger, lines } = logged()
    const secret = { [name]: 'canary' }
    logger.info({ ...secret, sasl: secret, kafka: { sasl: secret } }, 'connecting')
    logger.child({ sasl: secret }).info({}, 'connected')
    expect(lines.join('')).not.toContain('canary')
    expect(lines.join('').match(/\[redacted\]/g)).toHaveLength(4)
  },
)

test('a control character makes no line of its own and reaches no terminal', () => {
  const { logger, lines } = logged()
  logger.info({ topic: 'a\n{"level":"error"}\u001b[31m\u0000' }, 'odd\r\nname')
  expect(lines).toHaveLength(1)
  // oxlint-disable-next-line no-control-regex
  expect(lines[0]?.trimEnd()).not.toMatch(/[\u0000-\u001f]/)
})

test('an error is written with its stack and its cause', () => {
  const { logger, parsed } = logged()
  logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
  expect(parsed()[0]).toMatchObject({ err: { message: 'outer: inner', stack: expect.any(String) } })
})
