import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles } from './generated-files.ts'

const root = join(import.meta.dirname, '../..')

/** Writes every file that mirrors code, and says of each whether it was fresh. */
export function writeGeneratedFiles(): void {
  for (const { path, make } of generatedFiles) {
    const file = join(root, path)
    const text = make()
    const isFresh = existsSync(file) && readFileSync(file, 'utf8') === text
    if (!isFresh) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    console.log(`${path}: ${isFresh ? 'fresh' : 'written'}`)
  }
}
