import { expect, test } from 'vitest'
import { commands } from './commands.ts'
import { runCommand } from './run-command.ts'

async function run(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await runCommand(commands, args, {
    env: {},
    nowMs: () => 0,
    operator: 'ann@host',
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('without a command the help is printed, with every command', async () => {
  const { code, out } = await run()
  expect(code).toBe(0)
  for (const { name, summary } of commands) {
    expect(out).toContain(`millrace ${name}`)
    expect(out).toContain(summary)
  }
})

test('an unknown command is named, beside those that there are', async () => {
  const { code, err } = await run('skpi')
  expect(code).toBe(2)
  expect(err).toMatch(/no command skpi[\s\S]*millrace skip/)
})

test.each([
  [['skip'], 'is not one topic:partition:offset'],
  [['skip', 'orders:3', '--reason', 'x'], "'orders:3' is not one topic:partition:offset"],
  [['skip', 'a:0:1', 'b:0:1', '--reason', 'x'], 'is not one topic:partition:offset'],
  [['skip', 'orders:3:41'], 'A --reason is required'],
  [['skip', 'orders:3:41', '--reason', ' '], 'A --reason is required'],
  [['skip', 'orders:3:41', '--reson', 'x'], '--reson'],
])('%j makes no sense, and the usage is printed', async (args, expected) => {
  const { code, err } = await run(...args)
  expect(code).toBe(2)
  expect(err).toContain(expected)
  expect(err).toContain('Usage: millrace skip <topic:partition:offset>')
})

test('settings that are missing are named; a topology is not needed', async () => {
  const { code, err } = await run('skip', 'orders:3:41', '--reason', 'x')
  expect(code).toBe(2)
  expect(err).toContain('MILLRACE_KAFKA_BROKERS is required')
  expect(err).not.toContain('MILLRACE_TOPOLOGY')
})
