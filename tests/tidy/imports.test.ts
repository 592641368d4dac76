import { expect, test } from 'vitest'
import {
  findForbiddenDependencies,
  findForbiddenImports,
  type Workspace,
  workspacesOf,
} from './imports.ts'
import { rows } from './layers.ts'
import { repositoryFiles, typescriptFiles } from './source-file.ts'

const files = repositoryFiles()
const workspaces = workspacesOf(files)
const manifest = JSON.parse(files.find(({ path }) => path === 'package.json')?.text ?? '{}')
const rootDependencies = Object.keys(manifest.devDependencies)

test('every import keeps to the layers, the walls and its package.json', () => {
  const findings = typescriptFiles().flatMap((file) =>
    findForbiddenImports(file, workspaces, rootDependencies),
  )
  expect(findings).toEqual([])
})

test('every package.json keeps to the layers', () => {
  expect(
    workspaces.flatMap((workspace) => findForbiddenDependencies(workspace, workspaces)),
  ).toEqual([])
})

test('every lib and service has its row', () => {
  expect(
    workspaces.map(({ layer }) => layer).filter((layer) => !rows.flat().includes(layer)),
  ).toEqual([])
})

const pretended: Workspace[] = [
  'runtime',
  'operators',
  'topology',
  'dsl',
  'processor',
  'testing',
].map((layer) => ({
  dir: `${layer === 'processor' ? 'services' : 'libs'}/${layer}`,
  layer,
  packageName: `@millrace/${layer}`,
  dependencies: [
    '@millrace/topology',
    '@millrace/runtime',
    '@millrace/operators',
    '@millrace/testing',
  ],
  devDependencies: [],
}))

test.each([
  ['libs/topology/src/a.ts', "import { b } from '@millrace/runtime'", /stands above/],
  ['libs/operators/src/a.ts', "import type { B } from '@millrace/runtime'", /same row/],
  ['libs/dsl/src/a.ts', "export { b } from '@millrace/runtime'", /meet only in topology/],
  ['services/processor/src/a.ts', "await import('@millrace/testing')", /testing is for tests/],
  ['libs/dsl/src/a.ts', "import '../../topology/src/b.ts'", /by its name/],
  ['libs/runtime/src/a.ts', "import kafkajs from 'kafkajs'", /only libs\/kafka\/src\/kafkajs\//],
  ['tests/faults/a.test.ts', "import { Kafka } from 'kafkajs'", /only libs\/kafka\/src\/kafkajs\//],
  ['libs/runtime/src/a.ts', "import left from 'left-pad'", /declare it/],
])('in %s, %s is found', (path, text, reason) => {
  expect(findForbiddenImports({ path, text }, pretended, []).join()).toMatch(reason)
})

test.each([
  ['libs/dsl/src/a.ts', "import { b } from '@millrace/topology'"],
  ['libs/dsl/src/a.test.ts', "import { b } from '@millrace/testing'"],
  ['libs/dsl/src/a.ts', "import { join } from 'node:path'\nimport './b.ts'"],
  ['libs/kafka/src/kafkajs/a.ts', "import { Kafka } from 'kafkajs'"],
])('in %s, %s is right', (path, text) => {
  expect(findForbiddenImports({ path, text }, pretended, [])).toEqual([])
})

test('a declared dependency above is found before anybody imports it', () => {
  const topology = pretended.find(({ layer }) => layer === 'topology') as Workspace
  expect(findForbiddenDependencies(topology, pretended).join()).toMatch(
    /depends on @millrace\/runtime/,
  )
})
