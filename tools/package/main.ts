// Makes the public package `millrace` in dist/millrace and packs it: JavaScript and types, emitted by
// the TypeScript compiler from the libs, with `@millrace/*` imports turned into relative ones.

import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { manifestOf } from './manifest.ts'

const root = join(import.meta.dirname, '..', '..')
const output = join(root, 'dist', 'millrace')

await rm(output, { recursive: true, force: true })
await emit()
await rewriteImports(output)
await writeFile(
  join(output, 'package.json'),
  `${JSON.stringify(await manifestOf(root), null, 2)}\n`,
)
for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md'])
  await copyFile(join(root, file), join(output, file))
console.log(await pack())

/** tsc over the libs that the package is made of; it follows the imports from libs/millrace. */
async function emit(): Promise<void> {
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  await promisify(execFile)(compiler, ['-p', join(import.meta.dirname, 'tsconfig.json')], {
    cwd: root,
  })
}

/** Every `@millrace/<lib>` in emitted code and types becomes the path of that lib's index. */
async function rewriteImports(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((file) =>
    /\.(js|d\.ts)$/.test(file),
  )
  for (const file of files) {
    const path = join(folder, file)
    const text = await readFile(path, 'utf8')
    const rewritten = text.replace(
      /(['"])@millrace\/([a-z]+)\1/g,
      (_, quote: string, lib: string) => {
        const target = relative(dirname(path), join(output, 'lib', lib, 'src', 'index.js'))
        return `${quote}${target.startsWith('.') ? target : `./${target}`}${quote}`
      },
    )
    if (rewritten !== text) await writeFile(path, rewritten)
  }
}

/** Returns the tarball's path. */
async function pack(): Promise<string> {
  const folder = join(root, 'dist')
  await mkdir(folder, { recursive: true })
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--silent', '--pack-destination', folder],
    { cwd: output },
  )
  return join(folder, stdout.trim().split('\n').at(-1) ?? '')
}
