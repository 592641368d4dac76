import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Params } from './programs/program.ts'

/** A case as its line says it; the format is that of `README.md` in this folder. */
export interface Case {
  readonly id: string
  readonly topology: string
  readonly params: { readonly [name: string]: unknown }
  readonly input: readonly Step[]
  readonly output: readonly ExpectedRecord[]
  readonly outputSteps?: readonly number[]
  readonly dropped: number | null
  readonly stance: 'match' | 'improve'
}

export type Step =
  | { readonly advanceWallClockMs: number }
  | {
      readonly topic: string
      readonly key: string | null
      readonly value: unknown
      readonly timestampMs: number
    }

export interface ExpectedRecord {
  readonly topic: string
  readonly key: string | null | WindowedKey
  readonly value: unknown
  readonly timestampMs: number
}

interface WindowedKey {
  readonly key: string
  readonly startMs: number
  readonly endMs: number
}

/** The `*.jsonl` files among these, and in and below the folders among these, sorted. */
export function caseFiles(paths: readonly string[]): string[] {
  return paths
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? caseFiles(readdirSync(path).map((name) => join(path, name)))
        : [path],
    )
    .filter((path) => path.endsWith('.jsonl'))
    .toSorted()
}

export function readCases(file: string): Case[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Case)
}

/** The parameters, each checked for its type when it is asked for. */
export function paramsOf({ id, params }: Case): Params {
  const check = (name: string, type: string): void => {
    if (typeof params[name] === type) return
    throw new Error(`case ${id}: parameter ${name} is ${JSON.stringify(params[name])}`)
  }
  return {
    number(name) {
      check(name, 'number')
      return params[name] as number
    },
    text(name) {
      check(name, 'string')
      return params[name] as string
    },
    flag(name) {
      check(name, 'boolean')
      return params[name] as boolean
    },
    optionalNumber(name) {
      if (params[name] === null) return undefined
      check(name, 'number')
      return params[name] as number
    },
  }
}
