import { machineCalls } from './exceptions.ts'
import type { Finding, SourceFile } from './source-file.ts'
import { isTestCode, lineOf } from './source-file.ts'
import { importsOf, type Node, nameOf, parse, visit } from './syntax.ts'

/** What a lib must not read or do by itself, and what takes its place. */
const replacements: ReadonlyMap<string, string> = new Map([
  ['Date.now', 'clock.nowMs()'],
  ['new Date()', 'clock.nowMs()'],
  ['performance.now', 'clock.monotonicMs()'],
  ['process.hrtime', 'clock.monotonicMs()'],
  ['process.hrtime.bigint', 'clock.monotonicMs()'],
  ['setTimeout', 'clock.setTimer()'],
  ['setInterval', 'clock.setTimer(), set again in its callback'],
  ['clearTimeout', 'the CancelTimer that clock.setTimer() returned'],
  ['clearInterval', 'the CancelTimer that clock.setTimer() returned'],
  ['Math.random', 'a `random` argument'],
  ['crypto.randomUUID', 'a `random` argument'],
  ['randomUUID', 'a `random` argument'],
  ['randomBytes', 'a `random` argument'],
  ['process.env', 'a setting, parsed once in services/'],
  ['process.exit', 'an error with recovery `stop`'],
  ['process.stdout', 'the logger that was given'],
  ['process.stderr', 'the logger that was given'],
  ['console', 'the logger that was given'],
])

const modules: ReadonlyMap<string, string> = new Map([
  ['node:timers', 'clock.setTimer()'],
  ['node:timers/promises', 'clock.setTimer()'],
  ['node:net', 'the transport of libs/kafka'],
  ['node:tls', 'the transport of libs/kafka'],
  ['node:dgram', 'the transport of libs/kafka'],
  ['node:http', 'services/'],
  ['node:https', 'services/'],
])

/** Clock, chance, environment, console and sockets come into a lib as arguments, so that time can be simulated. */
export function findMachineCalls(file: SourceFile): Finding[] {
  if (!file.path.startsWith('libs/') || isTestCode(file.path)) return []
  const allowed = machineCalls.filter(
    ({ path }) => file.path === path || (path.endsWith('/') && file.path.startsWith(path)),
  )
  const findings = new Set<Finding>()
  const report = (what: string, line: number, instead: string) => {
    if (allowed.some(({ calls }) => calls.includes(what))) return
    findings.add(`${file.path}:${line} ${what}: take ${instead} instead`)
  }
  for (const { specifier, line } of importsOf(file)) {
    const instead = modules.get(specifier)
    if (instead !== undefined) report(specifier, line, instead)
  }
  visit(parse(file), (node) => {
    for (const what of machineNames(node)) {
      const instead = replacements.get(what)
      if (instead !== undefined) report(what, lineOf(file.text, node.start), instead)
    }
  })
  return [...findings]
}

/** The names under which a node may stand in the table. */
function machineNames(node: Node): string[] {
  switch (node.type) {
    case 'NewExpression':
      return nameOf(node.callee) === 'Date' && (node.arguments as unknown[]).length === 0
        ? ['new Date()']
        : []
    case 'CallExpression':
      return [nameOf(node.callee)?.replace(/^globalThis\./, '') ?? '']
    case 'MemberExpression': {
      const name = nameOf(node)?.replace(/^globalThis\./, '') ?? ''
      // `console.log` is `console`; a property of ours that is called console is not.
      return name.startsWith('console.') ? ['console'] : [name]
    }
    default:
      return []
  }
}
