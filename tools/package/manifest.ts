import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Manifest {
  readonly version: string
  readonly dependencies?: { readonly [name: string]: string }
}

/** Libs behind a path of their own in the package: who does not import it need not install what they need. */
const optional: ReadonlySet<string> = new Set(['schemas'])

/** package.json of the published package: its dependencies are those of the libs that it is made of. */
export async function manifestOf(root: string): Promise<object> {
  const packaged = await readdir(join(root, 'dist', 'millrace', 'lib'))
  const dependenciesOf = async (libs: readonly string[]) => {
    const manifests = await Promise.all(
      libs.map((lib) => read(join(root, 'libs', lib, 'package.json'))),
    )
    return Object.fromEntries(
      manifests
        .flatMap(({ dependencies = {} }) => Object.entries(dependencies))
        .filter(([name]) => !name.startsWith('@millrace/'))
        .toSorted(([left], [right]) => left.localeCompare(right)),
    )
  }
  const peers = await dependenciesOf(packaged.filter((lib) => optional.has(lib)))
  const dependencies = await dependenciesOf(packaged.filter((lib) => !optional.has(lib)))
  return {
    name: 'millrace',
    version: (await read(join(root, 'libs', 'millrace', 'package.json'))).version,
    description:
      'Write Kafka stream processing topologies in TypeScript, and test them without a broker',
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=24' },
    exports: {
      '.': { types: './lib/millrace/src/index.d.ts', default: './lib/millrace/src/index.js' },
      './alerts': {
        types: './lib/millrace/src/alerts.d.ts',
        default: './lib/millrace/src/alerts.js',
      },
      './schema-registry': {
        types: './lib/millrace/src/schema-registry.d.ts',
        default: './lib/millrace/src/schema-registry.js',
      },
      './testing': {
        types: './lib/millrace/src/testing.d.ts',
        default: './lib/millrace/src/testing.js',
      },
    },
    files: ['lib'],
    dependencies,
    peerDependencies: peers,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(peers).map((name) => [name, { optional: true }]),
    ),
  }
}

async function read(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, 'utf8')) as Manifest
}
