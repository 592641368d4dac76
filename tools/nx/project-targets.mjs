// nx: the same targets for every lib and service, so that no package.json repeats them.
// `nx run-many -t test`, `nx run store:test`, `nx affected -t test`, `nx graph`.

import { dirname } from 'node:path'

const node = 'node_modules/.bin/node --conditions=source'
const inputs = ['default', '^default']

/** @type {import('nx/src/devkit-exports').CreateNodesV2} */
export const createNodesV2 = [
  '{libs,services}/*/package.json',
  (files) =>
    files.map((file) => [
      file,
      { projects: { [dirname(file)]: { targets: targetsOf(dirname(file)) } } },
    ]),
]

function targetsOf(root) {
  return {
    test: cached(
      `${node} node_modules/vitest/vitest.mjs run --project unit --passWithNoTests ${root}`,
    ),
    // What touches a broker is never cached, and never runs twice at once.
    'test-kafka': {
      ...command(
        `${node} node_modules/vitest/vitest.mjs run --project kafka --passWithNoTests ${root}`,
      ),
      cache: false,
      parallelism: false,
    },
    lint: cached(`${node} node_modules/oxlint/bin/oxlint ${root}`),
    // One program for the whole tree: a project's types are only right together with those it imports.
    typecheck: cached(`${node} node_modules/typescript/bin/tsc -p tsconfig.json`),
  }
}

function cached(line) {
  return { ...command(line), cache: true, inputs, outputs: [] }
}

function command(line) {
  return { executor: 'nx:run-commands', options: { command: line, cwd: '.' } }
}
